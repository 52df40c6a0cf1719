package io.dmio.app.config;

import picocli.CommandLine.Model.CommandSpec;

/** A group of commands that are all given the same file: the object behind the group knows which of them takes everything in it. */
public interface SharedConfig {

    /** Describes the server, which has every option that the file may name; called for an option that a command does not have itself. */
    CommandSpec server();
}
