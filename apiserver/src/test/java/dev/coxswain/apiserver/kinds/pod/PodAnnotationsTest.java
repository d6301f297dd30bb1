package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Strategy;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a pod's own annotations and labels mean to it. Quotes are written as apostrophes. */
class PodAnnotationsTest {
  private static final PodStrategy STRATEGY =
      new PodStrategy(BuiltinSchemas.load().kind("", "v1", "Pod"));
  private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
  private static final String COST = "controller.kubernetes.io/pod-deletion-cost";

  private static ObjectNode pod(String metadata, String spec) {
    ObjectNode pod =
        Json.parseObject(
            ("{'metadata':{'name':'p',"
                    + metadata
                    + "},'spec':{'containers':[{'name':'a','image':'x'}]"
                    + spec
                    + "}}")
                .replace('\'', '"'));
    // A pod whose name is taken is prepared again under another one.
    for (int attempt = 0; attempt < 2; attempt++) {
      STRATEGY.prepareForCreate(pod);
      STRATEGY.fillDefaults(pod);
      STRATEGY.completeForCreate(pod);
    }
    return pod;
  }

  private static ObjectNode annotated(String name, String value) {
    return pod("'annotations':{'" + name + "':'" + value + "'}", "");
  }

  private static List<String> texts(List<FieldError> errors) {
    return errors.stream().map(FieldError::message).toList();
  }

  private static JsonNode profile(ObjectNode pod) {
    return pod.path("spec")
        .path("containers")
        .path(0)
        .path("securityContext")
        .path("appArmorProfile");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "unconfined | {'type':'Unconfined'}",
        "runtime/default | {'type':'RuntimeDefault'}",
        "localhost/mine | {'type':'Localhost','localhostProfile':'mine'}",
        "localhost/ | ~~",
        "other | ~~",
      })
  void aProfileInAnAnnotationIsTheContainers(String annotation, String profile) {
    assertThat(profile(annotated(APP_ARMOR + "a", annotation)).toString().replace('"', '\''))
        .isEqualTo(profile);
  }

  @Test
  void theFieldCountsMoreThanTheAnnotation() {
    ObjectNode same =
        pod(
            "'annotations':{'" + APP_ARMOR + "a':'unconfined'}",
            ",'securityContext':{'appArmorProfile':{'type':'Unconfined'}}");
    assertThat(profile(same).isMissingNode()).isTrue();
    ObjectNode pod =
        Json.parseObject(
            "{\"metadata\":{\"annotations\":{\""
                + APP_ARMOR
                + "a\":\"unconfined\"}},\"spec\":{\"containers\":[{\"name\":\"a\",\"securityContext\":"
                + "{\"appArmorProfile\":{\"type\":\"RuntimeDefault\"}}}]}}");
    STRATEGY.completeForCreate(pod);
    assertThat(profile(pod).path("type").asString()).isEqualTo("RuntimeDefault");
  }

  @Test
  void annotationsThatMeanSomethingAreChecked() {
    assertThat(texts(STRATEGY.validate(annotated(APP_ARMOR + "b", "mine"))))
        .containsExactly(
            "metadata.annotations[" + APP_ARMOR + "b]: Invalid value: \"b\": container not found");
    assertThat(texts(STRATEGY.validate(annotated(APP_ARMOR + "a", "mine"))))
        .containsExactly(
            "metadata.annotations["
                + APP_ARMOR
                + "a]: Invalid value: \"mine\": invalid AppArmor profile name: \"mine\"");
    assertThat(texts(STRATEGY.validate(annotated("kubernetes.io/config.mirror", "x"))))
        .containsExactly(
            "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set"
                + " spec.nodeName if mirror pod annotation is set");
  }

  @ParameterizedTest
  @CsvSource({
    "-5, true",
    "0, true",
    "10, true",
    "+1, false",
    "08, false",
    "x, false",
    "3000000000, false"
  })
  void aCostIsANumber(String cost, boolean allowed) {
    assertThat(STRATEGY.validate(annotated(COST, cost)).isEmpty()).isEqualTo(allowed);
  }

  @Test
  void aCostThatWasWrongBeforeStaysAsItIs() {
    assertThat(STRATEGY.validateUpdate(annotated(COST, "+1"), annotated(COST, "+1"))).isEmpty();
    assertThat(STRATEGY.validateUpdate(annotated(COST, "+1"), annotated(COST, "1"))).isNotEmpty();
  }

  @Test
  void whatAPodIsDoesNotChange() {
    String mirror = "kubernetes.io/config.mirror";
    ObjectNode plain = pod("'annotations':{}", ",'nodeName':'n'");
    ObjectNode shown = pod("'annotations':{'" + mirror + "':'x'}", ",'nodeName':'n'");
    assertThat(STRATEGY.validateUpdate(shown, shown.deepCopy())).isEmpty();
    assertThat(texts(STRATEGY.validateUpdate(shown, plain)))
        .containsExactly(
            "metadata.annotations[" + mirror + "]: Forbidden: may not add mirror pod annotation");
    assertThat(texts(STRATEGY.validateUpdate(plain, shown)))
        .containsExactly(
            "metadata.annotations["
                + mirror
                + "]: Forbidden: may not remove or update mirror pod annotation");
    ObjectNode before = annotated(APP_ARMOR + "a", "unconfined");
    ObjectNode now = before.deepCopy();
    Json.ensureObject(now, "metadata", "annotations").put(APP_ARMOR + "a", "runtime/default");
    assertThat(texts(STRATEGY.validateUpdate(now, before)))
        .containsExactly(
            "metadata.annotations["
                + APP_ARMOR
                + "a]: Forbidden: may not remove or update AppArmor annotations");
  }

  @Test
  void nobodyLooksIntoAStaticPod() {
    ObjectNode shown = pod("'annotations':{'kubernetes.io/config.mirror':'x'}", ",'nodeName':'n'");
    ObjectNode now = shown.deepCopy();
    ObjectNode container =
        Json.ensureObject(now, "spec").putArray("ephemeralContainers").addObject();
    container.put("name", "d").put("image", "x");
    Strategy edits = PodEdits.ephemeralContainers(BuiltinSchemas.load().kind("", "v1", "Pod"));
    assertThat(texts(edits.validateUpdate(now, shown)))
        .containsExactly("[]: Forbidden: static pods do not support ephemeral containers");
  }

  @Test
  void labelKeysBecomePartOfTheSelector() {
    ObjectNode pod =
        pod(
            "'labels':{'app':'x','hash':'1'}",
            ",'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'t',"
                + "'whenUnsatisfiable':'DoNotSchedule','labelSelector':{'matchLabels':{'app':'x'}},"
                + "'matchLabelKeys':['hash','none']}],"
                + "'affinity':{'podAntiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':"
                + "[{'weight':1,'podAffinityTerm':{'topologyKey':'t','labelSelector':{},"
                + "'mismatchLabelKeys':['hash']}},{'weight':1,'podAffinityTerm':{'topologyKey':'t'}}]}}");
    JsonNode spec = pod.path("spec");
    assertThat(
            spec.path("topologySpreadConstraints")
                .path(0)
                .path("labelSelector")
                .path("matchExpressions")
                .toString()
                .replace('"', '\''))
        .isEqualTo("[{'key':'hash','operator':'In','values':['1']}]");
    JsonNode terms =
        Json.at(
            spec, "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution");
    assertThat(
            Json.at(terms.path(0), "podAffinityTerm", "labelSelector")
                .toString()
                .replace('"', '\''))
        .isEqualTo("{'matchExpressions':[{'key':'hash','operator':'NotIn','values':['1']}]}");
    assertThat(terms.path(1).path("podAffinityTerm").has("labelSelector")).isFalse();
    assertThat(STRATEGY.validate(pod)).isEmpty();
  }

  @Test
  void whatHasANameAndNoValueHasAnEmptyOne() {
    ObjectNode pod =
        Json.parseObject(
            "{'spec':{'securityContext':{'sysctls':[{'name':'net.a'}]},'containers':[{'name':'a','image':'x','livenessProbe':{'httpGet':{'port':1,'httpHeaders':[{'name':'X'}]}}}]}}"
                .replace('\'', '"'));
    STRATEGY.fillDefaults(pod);
    assertThat(STRATEGY.validate(pod)).isEmpty();
    assertThat(pod.toString()).contains("{\"name\":\"X\",\"value\":\"\"}");
  }
}
