package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.ClusterApi;
import dev.coxswain.deploy.cluster.ClusterState;
import dev.coxswain.deploy.cluster.StatusReport;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.host.MachineCheck;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Shows the cluster's processes and nodes. */
@Command(
    name = "status",
    description = "Shows each process: node, pid, health, resident memory, since when, who leads.")
final class StatusCommand implements Callable<Integer> {
  private static final double BYTES_PER_MEGABYTE = 1e6;

  @ParentCommand private @Nullable CoxCommand cox;

  /** How the report is written. */
  enum Format {
    table,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json (default: table).")
  private Format format = Format.table;

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    MachineCheck.requireRoot();
    ClusterState state = root.state().current();
    StatusReport report;
    if (state.running()) {
      try (ClusterApi api = root.api(state.spec())) {
        report = StatusReport.of(root.home(), state, root.pki(), Optional.of(api));
      }
    } else {
      report = StatusReport.of(root.home(), state, root.pki(), Optional.empty());
    }
    switch (format) {
      case json ->
          System.out.println(
              JsonMapper.builder()
                  .enable(SerializationFeature.INDENT_OUTPUT)
                  .build()
                  .writeValueAsString(report));
      case table -> print(report);
    }
    return 0;
  }

  private static void print(StatusReport report) {
    if (report.processes().isEmpty()) {
      System.out.println("The cluster is down; bring it up with: " + Invocation.cox("up"));
      return;
    }
    System.out.printf(
        "%-15s %-16s %8s %-9s %9s  %-21s %s%n",
        "PROCESS", "NODE", "PID", "HEALTH", "MEMORY", "SINCE", "LEADS");
    long sum = 0;
    long proportional = 0;
    for (StatusReport.ProcessLine line : report.processes()) {
      sum += line.residentBytes();
      proportional += line.proportionalBytes();
      System.out.printf(
          "%-15s %-16s %8s %-9s %9s  %-21s %s%n",
          line.name(),
          line.node(),
          line.pid() == 0 ? "-" : Long.toString(line.pid()),
          line.pid() == 0 ? "stopped" : line.healthy() ? "healthy" : "unhealthy",
          megabytes(line.residentBytes()),
          line.since().isEmpty() ? "-" : line.since(),
          line.leader() ? "yes" : "");
    }
    System.out.printf(
        "%n%d processes, %s resident in all (%s with shared pages counted once).%n",
        report.processes().size(), megabytes(sum), megabytes(proportional));
    for (StatusReport.NodeLine node : report.nodes()) {
      System.out.printf(
          "%s at %s %s%n", node.name(), node.address(), node.pid() == 0 ? "is off" : "is on");
    }
    System.out.printf("KUBECONFIG=%s%n", Invocation.word(report.kubeconfig()));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.0f MB", bytes / BYTES_PER_MEGABYTE);
  }
}
