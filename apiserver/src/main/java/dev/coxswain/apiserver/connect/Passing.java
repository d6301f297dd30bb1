package dev.coxswain.apiserver.connect;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.http.ByteProtocol;
import dev.coxswain.apiserver.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is done to an answer on its way to the client. */
sealed interface Passing {
  /** Nothing. */
  record AsIs() implements Passing {}

  /**
   * Nothing; but the request says who asks, and redirects are refused.
   *
   * @param host what the other side is called
   * @param headers who asks
   */
  record Identified(String host, List<Map.Entry<String, String>> headers) implements Passing {}

  /**
   * A failure becomes a {@code Status}, about the named object.
   *
   * @param messages how the client has what is no failure as messages; null where it comes as it is
   */
  record Checked(GroupResource resource, String name, @Nullable ByteProtocol messages)
      implements Passing {}

  /** Links lead back to the proxy. */
  record Linked(Links links) implements Passing {}

  /** Headers that are said in this server's own words, where links are followed up. */
  Set<String> FORWARDED = Set.of("x-forwarded-uri", "x-forwarded-host", "x-forwarded-proto");

  /** Whether a client's header is handed on. */
  default boolean handsOn(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    // A page must be readable here for its links to be rewritten.
    boolean own =
        this instanceof Linked && (FORWARDED.contains(name) || name.equals("accept-encoding"));
    return !own && Target.handsOn(name);
  }

  /** The headers that this server adds to a request. */
  default List<Map.Entry<String, String>> added(Target target, HttpRequest request) {
    List<Map.Entry<String, String>> added = new ArrayList<>();
    if (this instanceof Identified identified) {
      added.add(Map.entry("Host", identified.host()));
      added.addAll(identified.headers());
    } else {
      added.add(Map.entry("Host", target.host() + ":" + target.port()));
    }
    if (this instanceof Linked linked) {
      added.add(Map.entry("X-Forwarded-Uri", request.path()));
      added.add(Map.entry("X-Forwarded-Host", linked.links().front()));
      added.add(Map.entry("X-Forwarded-Proto", "https"));
    }
    if (request.body().length > 0) {
      added.add(Map.entry("Content-Length", Integer.toString(request.body().length)));
    }
    return added;
  }
}
