package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.request.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code DeleteOptions}, from the body and the query.
 *
 * @param gracePeriodSeconds null leaves it to the object
 * @param uid only this incarnation; empty for whichever is there
 * @param resourceVersion only this version; empty for whichever is there
 * @param propagation {@code Orphan}, {@code Foreground}, {@code Background}, or empty for the
 *     kind's default
 */
public record DeleteRequest(
    @Nullable Long gracePeriodSeconds, String uid, String resourceVersion, String propagation) {

  private static final String FIELD = "propagationPolicy";

  /** The defaults. */
  public static final DeleteRequest DEFAULT = new DeleteRequest(null, "", "", "");

  static DeleteRequest of(Query query, ObjectNode options) {
    @Nullable Long grace = null;
    JsonNode given = options.path("gracePeriodSeconds");
    if (given.isIntegralNumber()) {
      grace = given.asLong();
    } else if (query.has("gracePeriodSeconds")) {
      grace = query.number("gracePeriodSeconds", 0);
    }
    if (grace != null && grace < 0) {
      // Upstream reads a negative period as the smallest positive one.
      grace = 1L;
    }
    String propagation = Json.text(options, "propagationPolicy");
    if (propagation.isEmpty()) {
      propagation = query.text("propagationPolicy");
    }
    String orphan =
        options.path("orphanDependents").isBoolean()
            ? String.valueOf(Json.flag(options, "orphanDependents"))
            : query.text("orphanDependents");
    if (!propagation.isEmpty() && !orphan.isEmpty()) {
      throw WriteContext.invalid(
          FieldError.invalid(
              FIELD, propagation, "orphanDependents and deletionPropagation cannot be both set"));
    }
    switch (propagation) {
      case "" ->
          propagation =
              switch (orphan) {
                case "true" -> "Orphan";
                // The older of the two options says no outright; left out, the kind decides.
                case "false" -> "Background";
                default -> "";
              };
      case "Orphan", "Foreground", "Background" -> {}
      default ->
          throw WriteContext.invalid(
              FieldError.notSupported(
                  FIELD, propagation, List.of("Background", "Foreground", "Orphan", "nil")));
    }
    return new DeleteRequest(
        grace,
        Json.text(options, "preconditions", "uid"),
        Json.text(options, "preconditions", "resourceVersion"),
        propagation);
  }
}
