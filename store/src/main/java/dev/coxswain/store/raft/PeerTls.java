package dev.coxswain.store.raft;

import java.nio.file.Path;

/** The files a member shows its peers, and the authority it believes. PEM. */
public record PeerTls(Path certificate, Path key, Path authority) {}
