package dev.coxswain.store.command;

import picocli.CommandLine.Command;

/** {@code cox store snapshot}: backups, in the form of etcd's. */
@Command(
    name = "snapshot",
    mixinStandardHelpOptions = true,
    description = "Saves, inspects and restores snapshots; files are etcd's and go both ways.",
    subcommands = {SnapshotSave.class, SnapshotShow.class, SnapshotRestore.class})
public final class SnapshotCommand {}
