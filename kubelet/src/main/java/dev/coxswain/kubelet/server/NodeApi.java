package dev.coxswain.kubelet.server;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the server needs to know of the node. */
public interface NodeApi {
  /** All pods of the node with their newest status. */
  List<Pod> pods();

  /** The pod; empty if it is not on this node. */
  Optional<Pod> pod(String namespace, String name);

  /**
   * A pod's container of this name as last seen.
   *
   * @param previous the one before the newest
   */
  Optional<ContainerLog> log(String namespace, String pod, String container, boolean previous);

  /** The folder of the node's own logs; empty where they are not shown. */
  Optional<Path> systemLogs();

  /** The running container's id. */
  Optional<String> runningContainer(String namespace, String pod, String container);

  /** The pod's running sandbox. */
  Optional<String> sandbox(String namespace, String pod);

  /** The runtime that the containers are in. */
  ContainerRuntime runtime();

  /** The pods that the runtime has containers of, as much of them as it knows. */
  List<Pod> runningPods();

  /** What is told of the node's and its pods' use of resources. */
  Reports reports();

  /** What is wrong with the kubelet; empty if nothing is. */
  Optional<String> problem();

  /**
   * A log file.
   *
   * @param id the container that writes it
   */
  record ContainerLog(String id, Path file) {}

  /** Reports, each made anew or a few seconds old. Metrics are in Prometheus' text form. */
  interface Reports {
    /** The summary in the form of upstream's stats API. */
    byte[] summary(boolean onlyCpuAndMemory);

    /** What the kubelet does. */
    String kubelet();

    /** What containers use, by the names of cAdvisor. */
    String containers();

    /** What a metrics server needs. */
    String resources();

    /** The outcomes of probes. */
    String probes();

    /** The configuration in force. */
    byte[] configuration();
  }
}
