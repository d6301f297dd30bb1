package dev.coxswain.scheduler.framework;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject;

/** A change that may let a waiting pod fit. */
public sealed interface ClusterEvent {
  /** A node came. */
  record NodeAdded(NodeSpec node) implements ClusterEvent {}

  /** A node went. */
  record NodeGone(NodeSpec node) implements ClusterEvent {}

  /** A node changed in something the scheduler looks at. */
  record NodeChanged(NodeSpec before, NodeSpec after) implements ClusterEvent {}

  /** A pod got a node. */
  record PodAssigned(PodInfo pod) implements ClusterEvent {}

  /** A pod on a node changed in something the scheduler looks at. */
  record PodChanged(PodInfo before, PodInfo after) implements ClusterEvent {}

  /** A pod left its node. */
  record PodGone(PodInfo pod) implements ClusterEvent {}

  /** A namespace's labels changed. */
  record NamespaceChanged(String namespace) implements ClusterEvent {}

  /** A group got a pod, or it was said how many of it must run at once. */
  record GroupChanged(ObjectKey group) implements ClusterEvent {}

  /** A claim, a volume or what decides about them came or changed; {@code gone}: went. */
  record StorageChanged(StorageObject object, boolean gone) implements ClusterEvent {}

  /** Nothing in particular happened for long. */
  record TimePassed() implements ClusterEvent {}
}
