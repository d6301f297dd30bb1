package dev.coxswain.e2e;

import dev.coxswain.e2e.history.Call;
import dev.coxswain.e2e.history.Change;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A client that does one thing after the other, at another server when its own is gone. */
final class HistoryWriter {
  private static final int NAMES = 6;
  private static final int PAGE = 2;
  private static final String PLAIN = "application/json";
  private static final String MERGE = "application/merge-patch+json";

  private final int index;
  private final HistorySite site;
  private final Time time;
  private final Randomness random;
  private final Queue<Call> calls;
  private int member;
  private int tokens;

  HistoryWriter(int index, HistorySite site, Time time, Randomness random, Queue<Call> calls) {
    this.index = index;
    this.member = index;
    this.site = site;
    this.time = time;
    this.random = random;
    this.calls = calls;
  }

  /** Does one thing to one of a few objects; what nobody knows the end of is not noted. */
  void step() throws InterruptedException {
    String name = "object-" + random.below(NAMES);
    switch ((int) random.below(9)) {
      case 0 -> list("");
      case 1 -> list("limit=" + PAGE);
      case 2 -> read(name);
      case 3 -> patch(name);
      case 4 -> delete(name);
      default -> write(name);
    }
  }

  /** Empty where nobody knows what came of it. */
  private Optional<ApiMember.Answer> ask(String method, String where, String type, String body)
      throws InterruptedException {
    try {
      ApiMember.Answer answer = site.member(member).ask(method, where, type, body);
      if (answer.code() < 500) {
        return Optional.of(answer);
      }
    } catch (IOException | JacksonException gone) {
      // Its server died or is frozen; the next one may do better.
    }
    member++;
    return Optional.empty();
  }

  private Optional<Change> read(String name) throws InterruptedException {
    long asked = time.nanos();
    Optional<Change> found =
        ask("GET", site.path(name), PLAIN, "")
            .filter(answer -> answer.code() == 200 || answer.code() == 404)
            .map(answer ->
                answer.code() == 200 ? HistorySite.change(answer.body()) : new Change(0, name, ""));
    found.ifPresent(change -> calls.add(new Call.Read(asked, time.nanos(), change)));
    return found;
  }

  /** Reads all pages, which show one revision together. */
  private void list(String query) throws InterruptedException {
    Map<String, Change> found = new HashMap<>();
    long asked = time.nanos();
    String next = "";
    do {
      Optional<ApiMember.Answer> answer =
          ask(
              "GET",
              site.path() + "?" + query + (next.isEmpty() ? "" : "&continue=" + next),
              PLAIN,
              "");
      if (answer.isEmpty() || answer.get().code() != 200) {
        return;
      }
      JsonNode page = answer.get().body();
      for (JsonNode item : page.path("items")) {
        Change change = HistorySite.change(item);
        if (!HistorySite.isForeign(change)) {
          found.put(change.name(), change);
        }
      }
      next = page.path("metadata").path("continue").asString("");
      if (next.isEmpty()) {
        calls.add(new Call.Listed(asked, time.nanos(), HistorySite.revision(page), found));
      }
    } while (!next.isEmpty());
  }

  /** Creates, or replaces what it has just read and nothing else; says whether it did. */
  boolean write(String name) throws InterruptedException {
    Optional<Change> there = read(name);
    if (there.isEmpty()) {
      return false;
    }
    long base = there.get().revision();
    String token = token();
    String body =
        "{\"metadata\":{\"name\":\"%s\"%s},\"data\":{\"token\":\"%s\"}}"
            .formatted(name, base == 0 ? "" : ",\"resourceVersion\":\"" + base + "\"", token);
    long asked = time.nanos();
    return base == 0
        ? note(ask("POST", site.path(), PLAIN, body), asked, token, base)
        : note(ask("PUT", site.path(name), PLAIN, body), asked, token, base);
  }

  private void patch(String name) throws InterruptedException {
    String token = token();
    String body = "{\"data\":{\"token\":\"" + token + "\"}}";
    long asked = time.nanos();
    note(ask("PATCH", site.path(name), MERGE, body), asked, token, 0);
  }

  private boolean note(Optional<ApiMember.Answer> answer, long asked, String token, long base) {
    long answered = time.nanos();
    boolean done = answer.filter(told -> told.code() < 300).isPresent();
    answer.ifPresent(told ->
        calls.add(
            done
                ? new Call.Wrote(asked, answered, HistorySite.change(told.body()), base)
                : new Call.Refused(asked, answered, token)));
    return done;
  }

  private void delete(String name) throws InterruptedException {
    Optional<Change> there = read(name).filter(change -> change.revision() != 0);
    if (there.isEmpty()) {
      return;
    }
    long base = there.get().revision();
    String body = "{\"preconditions\":{\"resourceVersion\":\"" + base + "\"}}";
    long asked = time.nanos();
    ask("DELETE", site.path(name), PLAIN, body)
        .filter(answer -> answer.code() == 200)
        .ifPresent(ignored -> calls.add(new Call.Deleted(asked, time.nanos(), name, base)));
  }

  private String token() {
    return "writer-" + index + "-" + ++tokens;
  }
}
