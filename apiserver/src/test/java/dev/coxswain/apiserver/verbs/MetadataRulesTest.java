package dev.coxswain.apiserver.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class MetadataRulesTest {
  private static final Map<String, ResourceType> TYPES =
      BuiltinKinds.all(BuiltinSchemas.load()).stream()
          .collect(
              Collectors.toMap(
                  type -> type.resource().toString(),
                  Function.identity(),
                  (first, other) -> first));

  private static String said(String resource, String metadata) {
    ObjectNode object = Json.object();
    object.set("metadata", Json.parse(metadata.replace('`', '"')));
    return MetadataRules.check(Objects.requireNonNull(TYPES.get(resource)), object).stream()
        .map(FieldError::message)
        .collect(Collectors.joining("; "))
        .replace('"', '`');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "node-csr-9kQ_Zu-x1 | ''",
        "a.b:c | ''",
        "a%b | metadata.name: Invalid value: `a%b`: may not contain '%'",
      })
  void aCertificateRequestIsCalledWhatItsMakerLikes(String name, String problem) {
    assertThat(said("certificatesigningrequests.certificates.k8s.io", "{`name`:`" + name + "`}"))
        .isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "configmaps | example.com/mine | ''",
        "configmaps | orphan | ''",
        "configmaps | mine | metadata.finalizers[0]: Invalid value: `mine`: name is neither a"
            + " standard finalizer name nor is it fully qualified",
        "customresourcedefinitions.apiextensions.k8s.io |"
            + " customresourcecleanup.apiextensions.k8s.io | ''",
      })
  void finalizersOfBuiltinKindsNameTheirDomain(String resource, String finalizer, String problem) {
    String name = resource.startsWith("custom") ? "a.example.com" : "a";
    assertThat(said(resource, "{`name`:`" + name + "`,`finalizers`:[`" + finalizer + "`]}"))
        .isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource({"a,262143,true", "a,262144,false", "\u00e9,131071,true", "\u00e9,131072,false"})
  void annotationsAreMeasuredInBytes(String character, int count, boolean fits) {
    assertThat(
            said("configmaps", "{`name`:`a`,`annotations`:{`k`:`" + character.repeat(count) + "`}}")
                .isEmpty())
        .isEqualTo(fits);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apps/v1 | Deployment | d | ''",
        "''      | Deployment | d | metadata.ownerReferences.apiVersion: Invalid value: ``:"
            + " version must not be empty",
        "apps/   | Deployment | d | metadata.ownerReferences.apiVersion: Invalid value: `apps/`:"
            + " version must not be empty",
        "apps/v1 | Deployment | '' | metadata.ownerReferences.name: Invalid value: ``: name must"
            + " not be empty",
        "events.k8s.io/v1 | Event | e | ''",
      })
  void ownersAreNamed(String apiVersion, String kind, String name, String problem) {
    assertThat(said("configmaps", owned(owner(apiVersion, kind, name)))).isEqualTo(problem);
  }

  @Test
  void anEventOwnsNothing() {
    assertThat(said("configmaps", owned(owner("v1", "Event", "e"))))
        .startsWith("metadata.ownerReferences: Invalid value: ")
        .endsWith("/v1, Kind=Event is disallowed from being an owner");
  }

  @Test
  void oneOwnerControls() {
    assertThat(said("configmaps", owned(owner("v1", "Pod", "a") + "," + owner("v1", "Pod", "b"))))
        .endsWith(
            "Only one reference can have Controller set to true. Found `true` in references for"
                + " Pod/a and Pod/b");
  }

  private static String owned(String owners) {
    return "{`name`:`a`,`ownerReferences`:[" + owners + "]}";
  }

  private static String owner(String apiVersion, String kind, String name) {
    return "{`apiVersion`:`%s`,`kind`:`%s`,`name`:`%s`,`uid`:`u`,`controller`:true}"
        .formatted(apiVersion, kind, name);
  }
}
