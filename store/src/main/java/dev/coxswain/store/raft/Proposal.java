package dev.coxswain.store.raft;

import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.util.concurrent.CompletableFuture;

/** One operation on its way into the log, and the answer somebody waits for. */
record Proposal(Operation operation, int bytes, long deadline, CompletableFuture<Outcome> answer) {}
