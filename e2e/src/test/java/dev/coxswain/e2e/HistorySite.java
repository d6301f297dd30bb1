package dev.coxswain.e2e;

import dev.coxswain.e2e.history.Change;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Where a history happens: the config maps of one namespace, at several API servers.
 *
 * @param path the collection's path
 */
record HistorySite(List<ApiMember> members, String path) {
  /** The name whose writing ends a history. */
  static final String SENTINEL = "sentinel";

  static HistorySite of(List<ApiMember> members, String namespace) {
    return new HistorySite(members, "/api/v1/namespaces/" + namespace + "/configmaps");
  }

  /** A server, counted round and round. */
  ApiMember member(int index) {
    return members.get(Math.floorMod(index, members.size()));
  }

  String path(String name) {
    return path + "/" + name;
  }

  /** What every namespace gets, and is no part of the history. */
  static boolean isForeign(Change change) {
    return change.name().equals("kube-root-ca.crt");
  }

  static long revision(JsonNode object) {
    return Long.parseLong(object.path("metadata").path("resourceVersion").asString());
  }

  static Change change(JsonNode object) {
    return new Change(
        revision(object),
        object.path("metadata").path("name").asString(),
        object.path("data").path("token").asString(""));
  }
}
