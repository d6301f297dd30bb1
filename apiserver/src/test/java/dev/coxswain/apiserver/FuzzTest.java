package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.runtime.time.Randomness;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects, patches and requests that no sane client sends: none may end in a server's error, hang,
 * or leave memory behind. A longer run with others: {@code -Dcoxswain.fuzz.requests=100000
 * -Dcoxswain.fuzz.seed=…}.
 */
class FuzzTest {
  private static final Logger log = LoggerFactory.getLogger(FuzzTest.class);
  private static final long SEED = Long.getLong("coxswain.fuzz.seed", 1);
  private static final int REQUESTS = Integer.getInteger("coxswain.fuzz.requests", 1500);
  private static final int ROUND = 1500;
  private static final long DEADLINE_SECONDS = 60;

  /** After how many failures nothing more is tried. */
  private static final int ENOUGH = 12;

  /** What rounds may leave behind: caches of classes and compiled patterns, not objects. */
  private static final long LEFT_BEHIND = 64 << 20;

  private static final List<String> QUERIES =
      List.of(
          "dryRun=All",
          "dryRun=None",
          "fieldValidation=Strict",
          "fieldValidation=Ignore",
          "fieldValidation=x",
          "fieldManager=%00",
          "fieldManager=fuzz&force=true",
          "limit=1",
          "limit=-1",
          "continue=abc",
          "resourceVersion=0",
          "resourceVersion=x",
          "resourceVersionMatch=Exact&resourceVersion=1",
          "labelSelector=a%3Db,c%20notin%20(d)",
          "labelSelector=((",
          "fieldSelector=metadata.name%3Da",
          "fieldSelector=spec.nothing%3D%3D",
          "propagationPolicy=Orphan",
          "gracePeriodSeconds=-5",
          "pretty=true",
          "%zz=%");
  private static final List<String> PATCHES =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json",
          "application/apply-patch+yaml");

  private final Randomness random = Randomness.seeded(SEED);
  private final FuzzValues values = new FuzzValues(random);
  private final List<List<ObjectNode>> files = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  @Test
  void nothingBreaksTheServer() throws Exception {
    log.info("seed {}", SEED);
    for (Path file : CustomResourcesTest.definitions().toList()) {
      files.add(CustomResourcesTest.documents(file));
    }
    long first = 0;
    for (int done = 0; done < REQUESTS; done += ROUND) {
      round(Math.min(ROUND, REQUESTS - done));
      long used = used();
      first = first == 0 ? used : first;
      assertThat(failures).as("seed %d", SEED).isEmpty();
      assertThat(used)
          .as("seed %d: memory after %d requests", SEED, done)
          .isLessThan(first + LEFT_BEHIND);
    }
  }

  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void round(int requests) throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        InProcessServer server = new InProcessServer(Randomness.seeded(SEED))) {
      for (List<ObjectNode> file : files) {
        CustomResourcesTest.define(server, file.getFirst().deepCopy());
      }
      List<ResourceType> types = server.registry().all();
      for (int i = 0; i < requests; i++) {
        Shot shot = random.chance(0.1) ? definition() : shot(types);
        Future<Reply> reply =
            threads.submit(() -> server.send(shot.method, shot.uri, shot.contentType, shot.body));
        try {
          Reply answer = reply.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
          if (answer.status() < 200 || (answer.status() >= 500 && !upstreams(answer))) {
            failures.add(told(shot, answer.status() + " " + answer.body()));
          }
        } catch (TimeoutException e) {
          failures.add(told(shot, "no answer"));
        } catch (ExecutionException e) {
          failures.add(told(shot, String.valueOf(e.getCause())));
        }
        assertThat(failures).as("seed %d", SEED).hasSizeLessThan(ENOUGH);
      }
    }
  }

  /** Upstream, too, calls it the server's own failure that an applied object has a wrong type. */
  private static boolean upstreams(Reply answer) {
    return answer.body().contains("failed to create typed patch object");
  }

  private static String told(Shot shot, String answer) {
    return shot.method + " " + shot.uri + "\n" + shot.body + "\n" + answer;
  }

  private record Shot(String method, String uri, String contentType, String body) {}

  /** Definitions and policies whose parts were changed at will. */
  private Shot definition() {
    ObjectNode definition = values.pick(files).getFirst().deepCopy();
    if (random.chance(0.3)) {
      return new Shot(
          "POST",
          "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies?dryRun=All",
          "application/json",
          values.policy().toString());
    }
    ObjectNode names = Json.ensureObject(definition, "spec", "names");
    String plural = "fuzz" + random.below(1000) + "s";
    names.put("plural", plural).put("kind", "Fuzz" + random.below(1000));
    Json.ensureObject(definition, "metadata")
        .put("name", plural + "." + Json.text(definition, "spec", "group"));
    for (int i = 0; i <= random.below(4); i++) {
      values.mutate(definition);
    }
    return new Shot(
        "POST",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All",
        "application/json",
        definition.toString());
  }

  private Shot shot(List<ResourceType> types) {
    ResourceType type = values.pick(types);
    String uri = collection(type);
    String method = values.pick(List.of("POST", "POST", "PUT", "PATCH", "PATCH", "GET", "DELETE"));
    boolean named = !method.equals("POST") && !random.chance(0.15);
    if (named) {
      uri += "/" + values.name();
      if (random.chance(0.25)) {
        uri += "/" + subresource(type);
      }
    }
    if (random.chance(0.4)) {
      uri += "?" + values.pick(QUERIES);
      uri += random.chance(0.3) ? "&" + values.pick(QUERIES) : "";
    }
    if (method.equals("PATCH")) {
      String patch = values.pick(PATCHES);
      JsonNode body = patch.contains("json-patch") ? values.operations() : object(type);
      return new Shot(method, uri, patch, spoiled(body.toString()));
    }
    String body =
        switch (method) {
          case "POST", "PUT" -> spoiled(object(type).toString());
          case "DELETE" -> random.chance(0.5) ? "" : spoiled(values.deleteOptions().toString());
          default -> "";
        };
    return new Shot(
        method, uri, random.chance(0.05) ? "application/yaml" : "application/json", body);
  }

  private String collection(ResourceType type) {
    String group = type.kind().group();
    String namespace = values.pick(List.of("default", "default", "default", "nowhere", "B%20d"));
    return (group.isEmpty() ? "/api/" : "/apis/" + group + "/")
        + type.kind().version()
        + (type.namespaced() ? "/namespaces/" + namespace + "/" : "/")
        + type.plural();
  }

  private String subresource(ResourceType type) {
    List<String> names = new ArrayList<>(List.of("status", "scale", "nothing"));
    type.subresources().stream().map(Subresource::name).forEach(names::add);
    return values.pick(names);
  }

  /** From the schema, or one of the files' objects, changed a little. */
  private ObjectNode object(ResourceType type) {
    ObjectNode object = values.object(type);
    if (type.custom() && random.chance(0.7)) {
      for (List<ObjectNode> file : files) {
        if (Json.text(file.getFirst(), "spec", "names", "kind").equals(type.kind().kind())) {
          object = values.pick(file.subList(1, file.size())).deepCopy();
          values.mutate(object);
        }
      }
    }
    return object;
  }

  private String spoiled(String body) {
    if (random.chance(0.03) && !body.isEmpty()) {
      int at = (int) random.below(body.length());
      return body.substring(0, at)
          + values.pick(List.of("", "\u0000", "}", "[[[[", "\""))
          + body.substring(at / 2);
    }
    return body;
  }
}
