package dev.coxswain.proxy.iptables;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.Kernel;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.ServiceTracker;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the service rules: what changed, into the book, to the kernel, flows cut. */
public final class RuleSync {
  private static final Logger log = LoggerFactory.getLogger(RuleSync.class);

  /**
   * Flows to cut that wait for rules that cannot be written; beyond it, flows end by their timeout.
   */
  private static final int MAX_PENDING_FLOWS = 10_000;

  private final ServiceTracker tracker;
  private final RuleBook book;
  private final IptablesWriter writer;
  private final Kernel kernel;
  private final Map<ObjectKey, List<PortState>> current = new HashMap<>();
  private final Set<Command> staleFlows = new LinkedHashSet<>();

  /** Writes what the tracker reports. */
  public RuleSync(ServiceTracker tracker, RuleBook book, Kernel kernel) {
    this.tracker = tracker;
    this.book = book;
    this.writer = new IptablesWriter(kernel, book);
    this.kernel = kernel;
  }

  /** Replaces the chains of all network policies; never called while {@link #run} is. */
  public void policies(Map<String, List<String>> chains) {
    book.policies(chains);
  }

  /** Replaces the way of lookups that nobody here answers; never called while {@link #run} is. */
  public void detour(DnsDetour detour) {
    book.detour(detour);
  }

  /** Brings the kernel up to date; never called twice at a time. */
  public void run() throws IOException, InterruptedException {
    Map<ObjectKey, List<PortState>> changes = tracker.takeChanges();
    changes.forEach((service, ports) -> {
      List<PortState> before =
          ports.isEmpty() ? current.remove(service) : current.put(service, ports);
      if (staleFlows.size() < MAX_PENDING_FLOWS) {
        staleFlows.addAll(StaleFlows.between(before == null ? List.of() : before, ports));
      }
      book.put(service, ports);
    });
    int written = writer.write();
    if (written > 0) {
      log.info(
          "{} of {} services changed, {} bytes of rules written",
          changes.size(),
          book.size(),
          written);
    }
    // Only now: a flow that is cut before the rules changed would be made again as it was.
    cutStaleFlows();
  }

  /**
   * Flows are less than rules: where none can be cut, as on a node without conntrack, the rules are
   * written all the same, and the next run tries again.
   */
  private void cutStaleFlows() throws InterruptedException {
    try {
      for (Iterator<Command> flows = staleFlows.iterator(); flows.hasNext(); ) {
        CommandResult result = kernel.run(flows.next());
        flows.remove();
        if (!result.succeeded() && !result.errors().contains("0 flow entries")) {
          log.warn("stale UDP flows remain until they time out: {}", result.errors().strip());
        }
      }
    } catch (IOException e) {
      log.warn("stale UDP flows remain for now: {}", e.getMessage());
    }
  }

  /** Whether the kernel still has what was written; never called while {@link #run} is. */
  public boolean intact() throws IOException, InterruptedException {
    return writer.intact();
  }

  /** Lets the next run write everything. */
  public void distrust() {
    writer.distrust();
  }
}
