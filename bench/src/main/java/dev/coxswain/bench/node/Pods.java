package dev.coxswain.bench.node;

import java.util.List;

/** Pods of one kind, started and stopped together: by whichever way there is to do it. */
interface Pods {
  /** What every pod runs: it ends at once when it is asked to. */
  String IMAGE = "coxswain/demo:1";

  /** See {@link #IMAGE}. */
  List<String> COMMAND =
      List.of("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done");

  /** How long a pod would have to end; none needs it. */
  long GRACE_SECONDS = 30;

  /** Starts so many at once; returns when all run. */
  void start(int count) throws InterruptedException;

  /** Stops all at once; returns when nothing is left of them. */
  void stop() throws InterruptedException;
}
