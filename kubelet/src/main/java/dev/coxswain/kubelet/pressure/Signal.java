package dev.coxswain.kubelet.pressure;

import java.util.Optional;
import java.util.stream.Stream;

/** What is measured against thresholds; in the order in which shortages are dealt with. */
public enum Signal {
  MEMORY_AVAILABLE("memory.available", Pressure.MEMORY, "memory"),
  NODEFS_AVAILABLE("nodefs.available", Pressure.DISK, "ephemeral-storage"),
  NODEFS_INODES_FREE("nodefs.inodesFree", Pressure.DISK, "inodes"),
  IMAGEFS_AVAILABLE("imagefs.available", Pressure.DISK, "ephemeral-storage"),
  IMAGEFS_INODES_FREE("imagefs.inodesFree", Pressure.DISK, "inodes"),
  PID_AVAILABLE("pid.available", Pressure.PROCESSES, "pids");

  private final String text;
  private final Pressure pressure;
  private final String resource;

  Signal(String text, Pressure pressure, String resource) {
    this.text = text;
    this.pressure = pressure;
    this.resource = resource;
  }

  /** As flags spell it. */
  public String text() {
    return text;
  }

  /** What the node is short of when there is too little. */
  public Pressure pressure() {
    return pressure;
  }

  /** The resource's name in messages. */
  public String resource() {
    return resource;
  }

  static Optional<Signal> parse(String text) {
    return Stream.of(values()).filter(signal -> signal.text.equals(text)).findFirst();
  }
}
