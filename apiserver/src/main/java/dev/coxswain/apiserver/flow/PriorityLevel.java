package dev.coxswain.apiserver.flow;

import dev.coxswain.api.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A PriorityLevelConfiguration.
 *
 * @param exempt whether its requests never wait
 * @param shares its part of the server's seats, among the shares of all levels
 * @param lendablePercent how many of its seats others may use while it does not
 * @param borrowingPercent how many it may borrow, of its own number; null for any
 * @param queuing where its requests wait; null refuses what has no seat
 */
record PriorityLevel(
    String name,
    String uid,
    boolean exempt,
    int shares,
    int lendablePercent,
    @Nullable Integer borrowingPercent,
    @Nullable Queuing queuing) {

  /** The most queues that a level may have: upstream's limit. */
  private static final int MAX_QUEUES = 10_000;

  /**
   * Where requests wait.
   *
   * @param queues how many queues there are
   * @param handSize among how many of them a flow chooses
   * @param lengthLimit how many requests each holds
   */
  record Queuing(int queues, int handSize, int lengthLimit) {}

  static PriorityLevel of(ObjectNode object) {
    JsonNode spec = object.path("spec");
    boolean exempt = Json.text(spec, "type").equals("Exempt");
    JsonNode part = spec.path(exempt ? "exempt" : "limited");
    JsonNode response = part.path("limitResponse");
    return new PriorityLevel(
        Json.text(object, "metadata", "name"),
        Json.text(object, "metadata", "uid"),
        exempt,
        within(Json.number(part, exempt ? 0 : 30, "nominalConcurrencyShares"), 0, 1_000_000),
        within(Json.number(part, 0, "lendablePercent"), 0, 100),
        part.path("borrowingLimitPercent").isNumber()
            ? within(Json.number(part, 0, "borrowingLimitPercent"), 0, 1_000_000)
            : null,
        exempt || Json.text(response, "type").equals("Reject")
            ? null
            : queuing(response.path("queuing")));
  }

  private static Queuing queuing(JsonNode given) {
    int queues = within(Json.number(given, 64, "queues"), 1, MAX_QUEUES);
    return new Queuing(
        queues,
        within(Json.number(given, 8, "handSize"), 1, queues),
        within(Json.number(given, 50, "queueLengthLimit"), 1, 10_000));
  }

  private static int within(long number, int least, int most) {
    return Math.clamp(number, least, most);
  }
}
