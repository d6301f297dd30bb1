package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A pod.
 *
 * @param key its namespace and name
 * @param uid which incarnation of that name
 * @param schedulerName who is to schedule it
 * @param nodeName where it is; empty while nobody has decided
 * @param nominatedNode where room is being made for it; empty for none
 * @param state how far it is
 * @param priority the higher, the sooner
 * @param preempts whether lower priorities may have to go for it
 * @param requests what it is promised
 * @param weight what it counts for when nodes are compared: who asks for nothing uses something
 * @param hostPorts what it takes of its node's ports
 * @param labels its labels
 * @param wishes where it wants to be
 * @param images the images it needs
 * @param owner the uid of the controller that made it; empty for none
 * @param gates what holds it back, by name
 * @param claims the claims that its volumes are made of
 * @param devices whether it claims devices
 * @param since when it was started, or else created
 */
public record PodInfo(
    ObjectKey key,
    String uid,
    String schedulerName,
    String nodeName,
    String nominatedNode,
    State state,
    int priority,
    boolean preempts,
    Resources requests,
    Resources weight,
    List<HostPort> hostPorts,
    Map<String, String> labels,
    Wishes wishes,
    List<String> images,
    String owner,
    List<String> gates,
    List<ClaimUse> claims,
    boolean devices,
    Instant since) {

  /** How far a pod is. */
  public enum State {
    /** Wanted. */
    ALIVE,
    /** Being deleted, and still using its node. */
    TERMINATING,
    /** Succeeded or failed: uses nothing any more. */
    FINISHED
  }

  public PodInfo {
    hostPorts = List.copyOf(hostPorts);
    labels = Map.copyOf(labels);
    images = List.copyOf(images);
    gates = List.copyOf(gates);
    claims = List.copyOf(claims);
  }

  /**
   * A claim in the pod's namespace.
   *
   * @param name its name
   * @param ephemeral whether it is made for this pod and goes with it
   */
  public record ClaimUse(String name, boolean ephemeral) {}

  /** The full name of a claim of this pod's. */
  public ObjectKey claim(ClaimUse use) {
    return new ObjectKey(key.namespace(), use.name());
  }

  /** Whether it has a node. */
  public boolean assigned() {
    return !nodeName.isEmpty();
  }

  /** The same pod on a node. */
  public PodInfo on(String node) {
    return placed(node, nominatedNode);
  }

  /** The same pod with room being made for it; empty for no longer. */
  public PodInfo nominatedTo(String node) {
    return placed(nodeName, node);
  }

  private PodInfo placed(String node, String nominated) {
    return new PodInfo(
        key,
        uid,
        schedulerName,
        node,
        nominated,
        state,
        priority,
        preempts,
        requests,
        weight,
        hostPorts,
        labels,
        wishes,
        images,
        owner,
        gates,
        claims,
        devices,
        since);
  }
}
