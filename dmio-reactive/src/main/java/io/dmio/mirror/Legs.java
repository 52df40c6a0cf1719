package io.dmio.mirror;

/**
 * What is needed to do something on a mirror's legs.
 *
 * @param runtime what everything runs on
 * @param roster which legs there are, and what they have
 * @param failures is told of those that do not do it
 * @param laggards writes that legs lag behind with
 */
record Legs(MirrorRuntime runtime, Roster roster, LegFailures failures, Laggards laggards) {}
