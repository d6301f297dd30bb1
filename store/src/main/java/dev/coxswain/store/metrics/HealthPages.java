package dev.coxswain.store.metrics;

import dev.coxswain.api.json.Json;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.store.error.StoreException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * How well a member is, as etcd tells it: {@code /health} in one word, {@code /livez} for who would
 * restart the process, {@code /readyz} for who would send it requests. The last two name their
 * checks when asked with {@code ?verbose}, leave out those named by {@code exclude}, and have a
 * page for each.
 */
public final class HealthPages {
  private static final String EXCLUDED = "exclude";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Subject member;
  private final Register register;

  /** Whose health it is. */
  public interface Subject {
    /** Whether it knows of a leader. */
    boolean leaderKnown();

    /** Whether it is a learner, which refuses most requests. */
    boolean learner();

    /** The alarms that are up. */
    List<AlarmType> alarms();

    /** Reads a key: what is here, or what the cluster as a whole agrees on. */
    CompletableFuture<?> read(boolean serializable);
  }

  /** Who keeps count of what was told. */
  public interface Register {
    /** What {@code /health} told. */
    void told(boolean well);

    /** What came out of a check of {@code /livez} or {@code /readyz}. */
    void checked(String kind, String check, boolean passed);
  }

  /** Why it is not well; nothing when it is. */
  private interface Check extends Supplier<Optional<String>> {}

  /** Pages about one member. */
  public HealthPages(Subject member, Register register) {
    this.member = member;
    this.register = register;
  }

  /** The pages by their paths. */
  public Map<String, Pages.Content> pages() {
    Map<String, Pages.Content> pages = new HashMap<>();
    pages.put("/health", this::health);
    Map<String, Check> alive = new LinkedHashMap<>();
    alive.put("serializable_read", () -> read(true));
    checks(pages, "livez", alive);
    Map<String, Check> ready = new LinkedHashMap<>();
    ready.put("data_corruption", this::corruption);
    ready.put("serializable_read", () -> read(true));
    ready.put("linearizable_read", () -> read(false));
    ready.put("non_learner", this::learning);
    checks(pages, "readyz", ready);
    return pages;
  }

  private Pages.Page health(Map<String, List<String>> query) {
    // It is the first value that counts, as with Go's query.Get.
    boolean serializable =
        query.getOrDefault("serializable", List.of("")).getFirst().equals("true");
    Optional<String> reason =
        alarm(query.getOrDefault(EXCLUDED, List.of()))
            .or(() -> serializable || member.leaderKnown() ? none() : Optional.of("RAFT NO LEADER"))
            .or(() -> read(serializable).map(failure -> "RANGE ERROR:" + failure));
    register.told(reason.isEmpty());
    return Pages.Page.json(
        reason.isEmpty() ? 200 : 503,
        Json.object()
            .put("health", String.valueOf(reason.isEmpty()))
            .put("reason", reason.orElse(""))
            .toString());
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private Optional<String> alarm(List<String> excluded) {
    return member.alarms().stream()
        .map(AlarmType::name)
        .filter(alarm -> !excluded.contains(alarm))
        .findFirst()
        .map(alarm -> "ALARM " + alarm);
  }

  private Optional<String> corruption() {
    return member.alarms().contains(AlarmType.CORRUPT)
        ? Optional.of("alarm activated: CORRUPT")
        : Optional.empty();
  }

  private Optional<String> learning() {
    return member.learner() ? Optional.of("not supported for learner") : Optional.empty();
  }

  private Optional<String> read(boolean serializable) {
    try {
      member.read(serializable).join();
      return Optional.empty();
    } catch (CompletionException e) {
      return Optional.of(
          e.getCause() instanceof StoreException refused
              ? String.valueOf(refused.getMessage())
              : String.valueOf(e.getCause()));
    }
  }

  private void checks(Map<String, Pages.Content> pages, String kind, Map<String, Check> checks) {
    pages.put(
        "/" + kind,
        query -> {
          Map<String, Check> asked = new LinkedHashMap<>(checks);
          asked.keySet().removeAll(query.getOrDefault(EXCLUDED, List.of()));
          return page(kind, asked, query);
        });
    checks.forEach((name, check) ->
        pages.put("/" + kind + "/" + name, query -> page(kind, Map.of(name, check), query)));
  }

  private Pages.Page page(String kind, Map<String, Check> checks, Map<String, List<String>> query) {
    StringBuilder told = new StringBuilder();
    boolean passed = true;
    for (Map.Entry<String, Check> check : checks.entrySet()) {
      Optional<String> failure = check.getValue().get();
      register.checked(kind, check.getKey(), failure.isEmpty());
      passed &= failure.isEmpty();
      told.append(
          failure.isEmpty()
              ? "[+]%s ok\n".formatted(check.getKey())
              : "[-]%s failed: %s\n".formatted(check.getKey(), failure.get()));
    }
    if (!passed) {
      // Told unasked.
      return new Pages.Page(503, TEXT, told.append('\n').toString());
    }
    String names = query.containsKey("verbose") ? told.toString() : "";
    return new Pages.Page(200, TEXT, names + "ok\n");
  }
}
