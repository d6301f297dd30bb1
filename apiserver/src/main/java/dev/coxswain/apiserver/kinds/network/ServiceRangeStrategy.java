package dev.coxswain.apiserver.kinds.network;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.library.AddressBlock;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of ServiceCIDRs: a range stays as it is; one of the other family may join it. */
public final class ServiceRangeStrategy extends StandardStrategy {
  private static final String CIDRS = "spec.cidrs";
  private static final int MOST = 2;

  /** Rules on this shape. */
  public ServiceRangeStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode cidrs = Json.at(object, "spec", "cidrs");
    if (cidrs.isEmpty()) {
      errors.add(FieldError.required(CIDRS, "at least one CIDR required"));
      return;
    }
    if (cidrs.size() > MOST) {
      errors.add(FieldError.invalid(CIDRS, cidrs, "may only hold up to 2 values"));
      return;
    }
    int sound = errors.size();
    int index = 0;
    for (JsonNode cidr : cidrs) {
      String text = cidr.asString("");
      Checks.form(AddressBlock.problem(text), CIDRS + "[" + index++ + "]", text, errors);
    }
    if (errors.size() == sound
        && cidrs.size() == MOST
        && fourth(cidrs.path(0)) == fourth(cidrs.path(1))) {
      errors.add(
          FieldError.invalid(
              CIDRS,
              cidrs,
              "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and"
                  + " 2001:db8::/64"));
    }
  }

  /** Whether a range is of IPv4. */
  private static boolean fourth(JsonNode cidr) {
    return cidr.asString("").indexOf(':') < 0;
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    JsonNode now = Json.at(object, "spec", "cidrs");
    JsonNode before = Json.at(old, "spec", "cidrs");
    boolean joined = before.size() == 1 && now.size() == MOST;
    if (now.size() != before.size() && !joined) {
      Checks.immutable(now, before, CIDRS, errors);
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      Checks.immutable(now.path(i), before.path(i), CIDRS + "[" + i + "]", errors);
    }
  }
}
