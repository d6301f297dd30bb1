package dev.coxswain.kubelet.pressure;

/** What the node may be short of, with the words of its condition. */
public enum Pressure {
  MEMORY(
      "MemoryPressure",
      "KubeletHasInsufficientMemory",
      "kubelet has insufficient memory available",
      "KubeletHasSufficientMemory",
      "kubelet has sufficient memory available"),
  DISK(
      "DiskPressure",
      "KubeletHasDiskPressure",
      "kubelet has disk pressure",
      "KubeletHasNoDiskPressure",
      "kubelet has no disk pressure"),
  PROCESSES(
      "PIDPressure",
      "KubeletHasInsufficientPID",
      "kubelet has insufficient PID available",
      "KubeletHasSufficientPID",
      "kubelet has sufficient PID available");

  private final String condition;
  private final String shortReason;
  private final String shortMessage;
  private final String easedReason;
  private final String easedMessage;

  Pressure(
      String condition,
      String shortReason,
      String shortMessage,
      String easedReason,
      String easedMessage) {
    this.condition = condition;
    this.shortReason = shortReason;
    this.shortMessage = shortMessage;
    this.easedReason = easedReason;
    this.easedMessage = easedMessage;
  }

  /** The node condition's type. */
  public String condition() {
    return condition;
  }

  /** The condition's reason. */
  public String reason(boolean holds) {
    return holds ? shortReason : easedReason;
  }

  /** The condition's message. */
  public String message(boolean holds) {
    return holds ? shortMessage : easedMessage;
  }
}
