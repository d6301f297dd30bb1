package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An API of metrics that an add-on serves, in whichever of its known versions there is. */
final class MetricsApi {
  private final ApiClient api;
  private final String group;
  private final String name;
  private final List<String> known;

  /** The version that answered last; null when it has to be found out. */
  private volatile @Nullable String version;

  /**
   * Asks nothing yet.
   *
   * @param name the API as messages name it
   * @param known its versions, the best first
   */
  MetricsApi(ApiClient api, String group, String name, List<String> known) {
    this.api = api;
    this.group = group;
    this.name = name;
    this.known = List.copyOf(known);
  }

  /**
   * The values at a path below the version.
   *
   * @param query parameters; those that are empty are left out
   * @throws NoAnswer when there are none
   */
  List<JsonNode> values(List<String> path, Map<String, String> query) throws NoAnswer {
    var found = new ArrayList<JsonNode>();
    try {
      List<String> whole =
          Stream.concat(Stream.of("apis", group, version()), path.stream()).toList();
      api.read(whole, query).path("items").forEach(found::add);
    } catch (ApiException e) {
      version = null;
      throw new NoAnswer("", "unable to fetch metrics from " + name + ": " + e.getMessage());
    }
    if (found.isEmpty()) {
      throw new NoAnswer("", "no metrics returned from " + name);
    }
    return found;
  }

  /** A value's amount. */
  Quantity amount(JsonNode value) throws NoAnswer {
    String text = Json.text(value, "value");
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new NoAnswer("", name + " returned the value \"" + text + "\": " + e.getMessage());
    }
  }

  private String version() {
    String found = version;
    if (found == null) {
      found = serve();
      version = found;
    }
    return found;
  }

  private String serve() {
    JsonNode served;
    try {
      served = api.read(List.of("apis", group), Map.of());
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND)) {
        throw none();
      }
      throw e;
    }
    String preferred = Json.text(served, "preferredVersion", "version");
    if (known.contains(preferred)) {
      return preferred;
    }
    List<String> versions =
        served.path("versions").valueStream().map(each -> Json.text(each, "version")).toList();
    return known.stream().filter(versions::contains).findFirst().orElseThrow(this::none);
  }

  private ApiException none() {
    return new ApiException(StatusReason.NOT_FOUND, "no known available metric versions found");
  }
}
