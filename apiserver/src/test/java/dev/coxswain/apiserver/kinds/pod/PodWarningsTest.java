package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes. */
class PodWarningsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'imagePullSecrets':[{'name':'a'},{'name':'a'}] | spec.imagePullSecrets[1].name: duplicate"
            + " name 'a'",
        "'imagePullSecrets':[{}] | spec.imagePullSecrets[0].name: invalid empty name ''",
        "'hostAliases':[{'ip':'1.1.1.1'},{'ip':'1.1.1.1'}] | spec.hostAliases[1].ip: duplicate ip"
            + " '1.1.1.1'",
        "'nodeSelector':{'beta.kubernetes.io/os':'linux'} |"
            + " spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use"
            + " 'kubernetes.io/os' instead",
        "'topologySpreadConstraints':[{'labelSelector':{},"
            + "'topologyKey':'failure-domain.beta.kubernetes.io/zone'}] |"
            + " spec.topologySpreadConstraints[0].topologyKey:"
            + " failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use"
            + " 'topology.kubernetes.io/zone' instead",
        "'volumes':[{'name':'v','gitRepo':{}}] | spec.volumes[0].gitRepo: deprecated in v1.11, and"
            + " disabled by default in v1.33+",
        "'overhead':{'memory':'500m'} | spec.overhead[memory]: fractional byte value '500m' is"
            + " invalid, must be an integer",
        "'containers':[{'resources':{'limits':{'memory':'1500m'}}}] |"
            + " spec.containers[0].resources.limits[memory]: fractional byte value '1500m' is"
            + " invalid, must be an integer",
        "'containers':[{'env':[{'name':'A','value':'x'},{'name':'A','value':'y'}]}] |"
            + " spec.containers[0].env[1]: hides previous definition of 'A', which may be dropped"
            + " when using apply",
        "'containers':[{'ports':[{'containerPort':80,'protocol':'TCP'}]},"
            + "{'ports':[{'containerPort':80,'protocol':'TCP'}]}] | spec.containers[1].ports[0]:"
            + " duplicate port definition with spec.containers[0].ports[0]",
        "'containers':[{'ports':[{'containerPort':80,'protocol':'TCP'},"
            + "{'containerPort':80,'protocol':'TCP','hostPort':8080}]}] |"
            + " spec.containers[0].ports[1]: overlapping port definition with"
            + " spec.containers[0].ports[0]",
        "'containers':[{'ports':[{'containerPort':80,'protocol':'TCP','hostPort':1},"
            + "{'containerPort':80,'protocol':'TCP','hostPort':1,'hostIP':'1.1.1.1'}]}] |"
            + " spec.containers[0].ports[1]: dangerously ambiguous port definition with"
            + " spec.containers[0].ports[0]",
        "'affinity':{'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
            + "[{'topologyKey':'a'}]}} |"
            + " spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
            + ".labelSelector: a null labelSelector results in matching no pod",
        "'topologySpreadConstraints':[{'topologyKey':'a'}] |"
            + " spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in"
            + " matching no pod",
        "'containers':[{'ports':[{'containerPort':80,'protocol':'TCP','hostIP':'1.1.1.1'}]}] |"
            + " spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0"
            + " ContainerPort:80 Protocol:TCP HostIP:1.1.1.1}",
        "'volumes':[{'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'t'}},"
            + "{'secret':{'items':[{'key':'k','path':'t'}]}}]}}] |"
            + " spec.volumes[0].projected.sources.secrets[0]: has duplicated path with"
            + " ServiceAccountToken 't'",
        "'volumes':[{'name':'v','ephemeral':{'volumeClaimTemplate':{'spec':{'resources':"
            + "{'requests':{'storage':'500m'}}}}}}] |"
            + " spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]:"
            + " fractional byte value '500m' is invalid, must be an integer",
        "'terminationGracePeriodSeconds':-1 | spec.terminationGracePeriodSeconds: must be >= 0;"
            + " negative values are invalid and will be treated as 1",
      })
  void tellsWhatIsRarelyMeant(String fields, String warning) {
    String spec = ("{" + fields + "}").replace('\'', '"');
    assertThat(PodWarnings.of(Json.object(), Json.parseObject(spec), "spec"))
        .containsExactly(warning.replace('\'', '"'));
  }

  @Test
  void aVariableThatAddsToItsOtherSelfIsMeant() {
    String spec =
        "{'containers':[{'env':[{'name':'A','value':'x'},{'name':'A','value':'$(A):y'}]}]}";
    assertThat(PodWarnings.of(Json.object(), Json.parseObject(spec.replace('\'', '"')), "spec"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'scheduler.alpha.kubernetes.io/critical-pod' | non-functional in v1.16+; use the"
            + " 'priorityClassName' field instead",
        "'security.alpha.kubernetes.io/sysctls' | non-functional in v1.11+; use the 'sysctls' field"
            + " instead",
        "'seccomp.security.alpha.kubernetes.io/pod' | non-functional in v1.27+; use the"
            + " 'seccompProfile' field instead",
        "'container.seccomp.security.alpha.kubernetes.io/a' | non-functional in v1.27+; use the"
            + " 'seccompProfile' field instead",
        "'container.apparmor.security.beta.kubernetes.io/a' | deprecated since v1.30; use the"
            + " 'appArmorProfile' field instead",
      })
  void tellsOfAnnotationsThatAreFieldsNow(String annotation, String warning) {
    String template =
        "{'metadata':{'annotations':{"
            + annotation
            + ":'x'}},'spec':{'containers':[{'name':'a'},{'name':'b'}]}}";
    ObjectNode object = Json.object();
    object.putObject("metadata").put("name", "x");
    object.putObject("spec").set("template", Json.parseObject(template.replace('\'', '"')));
    assertThat(PodWarnings.ofTemplate(object, null, false, "spec", "template", "spec"))
        .containsExactly(
            "spec.template.metadata.annotations["
                + annotation.replace("'", "")
                + "]: "
                + warning.replace('\'', '"'));
  }
}
