package dev.coxswain.apiserver.authn;

import dev.coxswain.api.json.Json;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A user as {@code UserInfo} of {@code authentication.k8s.io/v1}. */
public final class UserJson {
  private UserJson() {}

  /** The object; what is empty is left out. */
  public static ObjectNode of(UserInfo user) {
    ObjectNode json = Json.object();
    json.put("username", user.name());
    if (!user.uid().isEmpty()) {
      json.put("uid", user.uid());
    }
    if (!user.groups().isEmpty()) {
      user.groups().forEach(json.putArray("groups")::add);
    }
    if (!user.extra().isEmpty()) {
      ObjectNode extra = json.putObject("extra");
      new TreeMap<>(user.extra())
          .forEach((name, values) -> {
            ArrayNode list = extra.putArray(name);
            values.forEach(list::add);
          });
    }
    return json;
  }
}
