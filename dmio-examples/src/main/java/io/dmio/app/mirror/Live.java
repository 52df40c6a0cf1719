package io.dmio.app.mirror;

import io.dmio.app.events.EventOptions;
import io.dmio.app.schedule.Plan;
import io.dmio.app.serve.ServeOptions;

/**
 * What can be changed while a mirror is served.
 *
 * @param plan how fast to copy, and when to compare the legs
 * @param events who is told of events
 * @param options the options, of which only the form of the log can be changed
 */
record Live(Plan plan, EventOptions events, ServeOptions options) {}
