package io.dmio.mirror;

/**
 * What an operation on a mirror's legs needs.
 *
 * @param runtime what everything runs on
 * @param roster which legs there are, and what they have
 * @param failures is told of legs that do not do what they are asked for
 * @param laggards writes that legs lag behind with
 */
record Legs(MirrorRuntime runtime, Roster roster, LegFailures failures, Laggards laggards) {}
