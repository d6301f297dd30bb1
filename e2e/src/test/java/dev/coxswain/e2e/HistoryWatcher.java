package dev.coxswain.e2e;

import dev.coxswain.e2e.history.Call;
import dev.coxswain.e2e.history.Change;
import dev.coxswain.e2e.history.Watching;
import dev.coxswain.e2e.history.Watching.Sighting;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that watches from its last event on, wherever it is let. */
final class HistoryWatcher {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long SHORTEST_SECONDS = 4;
  private static final long LONGEST_SECONDS = 12;

  /** Annotation of the bookmark that ends a streamed state, as a JSON pointer. */
  private static final String END_OF_STATE = "/metadata/annotations/k8s.io~1initial-events-end";

  private final int index;
  private final HistorySite site;
  private final Time time;
  private final Randomness random;
  private final Queue<Call> calls;
  private final List<Sighting> sightings = new ArrayList<>();
  private int member;
  private int refusals;
  private boolean placed;
  private long from;
  private long last;

  HistoryWatcher(int index, HistorySite site, Time time, Randomness random, Queue<Call> calls) {
    this.index = index;
    this.member = index;
    this.site = site;
    this.time = time;
    this.random = random;
    this.calls = calls;
  }

  Watching watching() {
    return new Watching("watcher-" + index, from, last, sightings);
  }

  private enum End {
    SEEN_ALL,
    EXPIRED,
    CUT
  }

  /** Watches until it is cut off; false when it has seen the last write. */
  boolean step() throws InterruptedException {
    try {
      if (!placed && index % 2 == 0) {
        list();
      }
      switch (follow()) {
        case SEEN_ALL -> {
          return false;
        }
        // Another server may still have what this one forgot when it died.
        case EXPIRED -> placed = ++refusals < site.members().size();
        case CUT -> refusals = 0;
      }
    } catch (IOException | JacksonException gone) {
      // Its server died or is frozen; the next one may do better.
    }
    member++;
    return true;
  }

  private void list() throws IOException, InterruptedException {
    ApiMember.Answer answer = site.member(member).ask("GET", site.path(), "application/json", "");
    if (answer.code() != 200) {
      throw new IOException("not listed: " + answer);
    }
    begin(HistorySite.revision(answer.body()));
  }

  private void begin(long revision) {
    if (from == 0) {
      from = revision;
    } else {
      sightings.add(new Sighting.Relisted(revision));
    }
    last = Math.max(last, revision);
    placed = true;
    refusals = 0;
  }

  /**
   * Watches from its place on, or, where it has none, from a state that is streamed to it first.
   */
  private End follow() throws IOException, InterruptedException {
    long seconds = SHORTEST_SECONDS + random.below(LONGEST_SECONDS - SHORTEST_SECONDS);
    String where =
        placed
            ? "&resourceVersion=" + last
            : "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    long asked = time.nanos();
    HttpResponse<InputStream> response =
        site.member(member)
            .watch(
                site.path()
                    + "?watch=true&allowWatchBookmarks=true&timeoutSeconds="
                    + seconds
                    + where);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      if (response.statusCode() == 410) {
        return End.EXPIRED;
      }
      if (response.statusCode() != 200) {
        throw new IOException("not watched: " + response.statusCode());
      }
      if (!placed && !readState(lines, asked)) {
        return End.CUT;
      }
      return readEvents(lines);
    }
  }

  /** Reads the streamed state up to its end; false if the stream ended before. */
  private boolean readState(BufferedReader lines, long asked) throws IOException {
    Map<String, Change> state = new HashMap<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode event = JSON.readTree(line);
      JsonNode object = event.path("object");
      switch (event.path("type").asString("")) {
        case "BOOKMARK" -> {
          if (!object.at(END_OF_STATE).asString("").equals("true")) {
            continue;
          }
          long revision = HistorySite.revision(object);
          calls.add(new Call.Listed(asked, time.nanos(), revision, state));
          begin(revision);
          return true;
        }
        case "ERROR" -> {
          return false;
        }
        case "DELETED" -> state.remove(HistorySite.change(object).name());
        default -> {
          Change change = HistorySite.change(object);
          if (!HistorySite.isForeign(change)) {
            state.put(change.name(), change);
          }
        }
      }
    }
    return false;
  }

  private End readEvents(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode event = JSON.readTree(line);
      JsonNode object = event.path("object");
      String type = event.path("type").asString("");
      if (type.equals("ERROR")) {
        return object.path("code").asInt() == 410 ? End.EXPIRED : End.CUT;
      }
      last = HistorySite.revision(object);
      if (type.equals("BOOKMARK")) {
        sightings.add(new Sighting.Bookmark(last));
        continue;
      }
      Change change = HistorySite.change(object);
      if (HistorySite.isForeign(change)) {
        continue;
      }
      sightings.add(
          new Sighting.Told(
              type, type.equals("DELETED") ? new Change(last, change.name(), "") : change));
      if (change.name().equals(HistorySite.SENTINEL)) {
        return End.SEEN_ALL;
      }
    }
    return End.CUT;
  }
}
