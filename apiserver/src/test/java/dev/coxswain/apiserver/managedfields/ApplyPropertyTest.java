package dev.coxswain.apiserver.managedfields;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.fields.Comparison;
import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.fields.ObjectFields;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What must hold of every apply, on random pod specs and random managers. */
class ApplyPropertyTest {
  private static final int SEEDS = 300;
  private static final int STEPS = 12;
  private static final Schema POD = BuiltinSchemas.load().kind("", "v1", "Pod");

  private static FieldManager manager(String name) {
    return new FieldManager(
        _ -> Optional.empty(),
        "v1",
        POD,
        FieldSet.EMPTY,
        new FieldManager.Writer(name, "", "2026-01-01T00:00:00Z"));
  }

  private static ObjectNode randomPod(Random random) {
    ObjectNode pod = Json.object();
    ObjectNode labels = Json.ensureObject(pod, "metadata", "labels");
    for (int i = random.nextInt(3); i > 0; i--) {
      labels.put("l" + random.nextInt(4), "v" + random.nextInt(2));
    }
    ArrayNode finalizers = Json.ensureObject(pod, "metadata").putArray("finalizers");
    for (int i = 0; i < 3; i++) {
      if (random.nextBoolean()) {
        finalizers.add("f/" + i);
      }
    }
    ArrayNode containers = Json.ensureObject(pod, "spec").putArray("containers");
    for (int i = 0; i < 3; i++) {
      if (random.nextBoolean()) {
        ObjectNode container = containers.addObject().put("name", "c" + i);
        if (random.nextBoolean()) {
          container.put("image", "i" + random.nextInt(2));
        }
        if (random.nextBoolean()) {
          container.putArray("args").add("a" + random.nextInt(2));
        }
        if (random.nextBoolean()) {
          ObjectNode port = container.putArray("ports").addObject();
          port.put("containerPort", 80 + random.nextInt(2));
          if (random.nextBoolean()) {
            port.put("name", "p" + random.nextInt(2));
          }
        }
      }
    }
    if (random.nextBoolean()) {
      Json.ensureObject(pod, "spec", "nodeSelector").put("n", "x" + random.nextInt(2));
    }
    // An empty list or map says nothing: it goes with what was in it.
    for (String field : new String[] {"labels", "finalizers"}) {
      if (Json.at(pod, "metadata", field).isEmpty()) {
        Json.ensureObject(pod, "metadata").remove(field);
      }
    }
    if (containers.isEmpty()) {
      Json.ensureObject(pod, "spec").remove("containers");
    }
    if (pod.path("spec").isEmpty()) {
      pod.remove("spec");
    }
    return pod;
  }

  private static FieldSet owned(ObjectNode object) {
    FieldSet all = FieldSet.EMPTY;
    for (JsonNode entry : Json.at(object, "metadata", "managedFields")) {
      FieldSet fields = FieldSet.parse(entry.path("fieldsV1"));
      assertThat(FieldSet.parse(fields.toJson())).isEqualTo(fields);
      all = all.union(fields);
    }
    return all;
  }

  @Test
  void holdsForEverySequenceOfAppliesAndUpdates() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      ObjectNode live = randomPod(random);
      manager("creator").update(Json.object(), live);
      Json.ensureObject(live, "metadata").put("uid", "1");
      for (int step = 0; step < STEPS; step++) {
        String name = "m" + random.nextInt(3);
        ObjectNode wanted = randomPod(random);
        String trace = "seed " + seed + " step " + step + ": " + wanted + " over " + live;
        if (random.nextInt(3) == 0) {
          Json.ensureObject(wanted, "metadata").put("uid", "1");
          manager(name).update(live, wanted);
          live = wanted;
        } else {
          live = applied(name, live, wanted, trace);
        }
        // Nobody owns what is not there.
        FieldSet there =
            Comparison.of(POD, Json.object(), live).added().union(ObjectFields.of(POD, live));
        assertThat(owned(live).difference(there).paths()).as(trace).isEmpty();
      }
    }
  }

  private static ObjectNode applied(String name, ObjectNode live, ObjectNode wanted, String trace) {
    ObjectNode result = manager(name).apply(live, wanted, true);
    // Everything that was applied is there, with the values that were applied.
    Comparison missing = Comparison.of(POD, wanted, result);
    assertThat(missing.removed().paths()).as(trace).isEmpty();
    assertThat(missing.modified().paths()).as(trace).isEmpty();
    // A second time changes nothing, and needs no force.
    assertThat(manager(name).apply(result, wanted, false)).as(trace).isEqualTo(result);
    return result;
  }

  @Test
  void setsObeyTheirAlgebra() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      FieldSet one = ObjectFields.of(POD, randomPod(random));
      FieldSet two = ObjectFields.of(POD, randomPod(random));
      assertThat(one.union(two)).isEqualTo(two.union(one));
      assertThat(one.intersection(two)).isEqualTo(two.intersection(one));
      assertThat(one.difference(two).union(one.intersection(two))).isEqualTo(one);
      assertThat(one.difference(two).intersection(two).isEmpty()).isTrue();
      assertThat(one.without(one).isEmpty()).isTrue();
    }
  }
}
