package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The versions that other servers serve, as the APIServices say now. */
final class ApiServices {
  static final GroupResource RESOURCE = new GroupResource("apiregistration.k8s.io", "apiservices");

  private final ObjectView view;
  private volatile @Nullable Read last;

  private record Read(long revision, Map<String, Aggregated> byPath) {}

  ApiServices(ObjectView view) {
    this.view = view;
  }

  /** Each by its path, {@code /apis/G/V}. */
  Map<String, Aggregated> all() {
    long revision = view.revision(RESOURCE);
    Read known = last;
    if (known == null || known.revision() != revision) {
      Map<String, Aggregated> byPath = new LinkedHashMap<>();
      view.list(RESOURCE, "").stream()
          .map(Aggregated::of)
          .flatMap(Optional::stream)
          .forEach(service -> byPath.put(service.path(), service));
      known = new Read(revision, byPath);
      last = known;
    }
    return known.byPath();
  }

  /** Who serves a path. */
  Optional<Aggregated> serving(String path) {
    Map<String, Aggregated> all = all();
    if (all.isEmpty() || !path.startsWith("/apis/")) {
      return Optional.empty();
    }
    int group = path.indexOf('/', "/apis/".length());
    int version = group < 0 ? -1 : path.indexOf('/', group + 1);
    return group < 0
        ? Optional.empty()
        : Optional.ofNullable(all.get(version < 0 ? path : path.substring(0, version)));
  }
}
