package io.dmio.app.mirror;

import io.dmio.app.events.EventOptions;
import io.dmio.app.schedule.Plan;
import io.dmio.app.serve.ServeOptions;

/**
 * What can be changed while a mirror is served.
 *
 * @param plan how fast is copied, and when the legs are compared
 * @param events who is told of them
 * @param options of which the form of the log is meant
 */
record Live(Plan plan, EventOptions events, ServeOptions options) {}
