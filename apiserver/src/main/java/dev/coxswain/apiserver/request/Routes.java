package dev.coxswain.apiserver.request;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Which endpoint answers which path. Filled before the server starts. */
public final class Routes {
  private final Map<String, Endpoint> exact = new LinkedHashMap<>();
  private final Map<String, Endpoint> prefixes = new LinkedHashMap<>();
  private final Endpoint resources;
  private Function<String, Optional<Endpoint>> others = _ -> Optional.empty();

  /** Sends requests about resources here. */
  public Routes(Endpoint resources) {
    this.resources = resources;
  }

  /** Adds an endpoint for one path, with or without a slash at its end. */
  public Routes path(String path, Endpoint endpoint) {
    exact.put(path, endpoint);
    return this;
  }

  /** Adds an endpoint for a path and everything below it. */
  public Routes below(String path, Endpoint endpoint) {
    prefixes.put(path, endpoint);
    return this;
  }

  /** Sends what this finds an endpoint for there, before anything else is looked at. */
  public Routes first(Function<String, Optional<Endpoint>> others) {
    this.others = others;
    return this;
  }

  /** All single paths that are served. */
  public Iterable<String> paths() {
    return exact.keySet();
  }

  Optional<Endpoint> find(RequestInfo info) {
    Optional<Endpoint> other = others.apply(info.path());
    if (other.isPresent()) {
      return other;
    }
    if (info.resourceRequest()) {
      return Optional.of(resources);
    }
    String path = info.path();
    if (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    Endpoint found = exact.get(path);
    if (found != null) {
      return Optional.of(found);
    }
    for (Map.Entry<String, Endpoint> entry : prefixes.entrySet()) {
      if (path.equals(entry.getKey()) || path.startsWith(entry.getKey() + "/")) {
        return Optional.of(entry.getValue());
      }
    }
    return Optional.empty();
  }
}
