package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.store.raft.StoreNode;

/** Completes response headers with who answers; the revision is already in them. */
final class Stamp {
  private final long clusterId;
  private final StoreNode node;

  Stamp(long clusterId, StoreNode node) {
    this.clusterId = clusterId;
    this.node = node;
  }

  /** The header of an answer that saw this revision. */
  ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(clusterId)
        .setMemberId(node.memberId())
        .setRevision(revision)
        .setRaftTerm(node.progress().term())
        .build();
  }

  /** The header of an answer that saw the store as it is here and now. */
  ResponseHeader header() {
    return header(node.state().keyspace().revision());
  }

  /** A header made where the request was applied, with this member's name on it. */
  ResponseHeader header(ResponseHeader applied) {
    ResponseHeader header = header(applied.getRevision());
    return applied.hasWriteTimes()
        ? header.toBuilder().setWriteTimes(applied.getWriteTimes()).build()
        : header;
  }
}
