package dev.coxswain.deploy.cluster;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The six programs, and the class that each starts with. */
public enum Daemon {
  STORE("dev.coxswain.store.StoreCommand"),
  APISERVER("dev.coxswain.apiserver.ApiServerCommand"),
  SCHEDULER("dev.coxswain.scheduler.SchedulerCommand"),
  CONTROLLERS("dev.coxswain.controllers.ControllersCommand"),
  KUBELET("dev.coxswain.kubelet.KubeletCommand"),
  PROXY("dev.coxswain.proxy.ProxyCommand");

  private final String commandClass;

  Daemon(String commandClass) {
    this.commandClass = commandClass;
  }

  /** The subcommand, the module and the process are all called this. */
  public String processName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Named, not referred to: a process's class path holds its own module only. */
  public String commandClass() {
    return commandClass;
  }

  public static Optional<Daemon> named(String name) {
    return Arrays.stream(values()).filter(daemon -> daemon.processName().equals(name)).findFirst();
  }
}
