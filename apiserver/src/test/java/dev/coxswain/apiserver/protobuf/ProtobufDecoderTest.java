package dev.coxswain.apiserver.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.coxswain.api.json.Json;
import io.kubernetes.client.proto.IntStr.IntOrString;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Resource.Quantity;
import io.kubernetes.client.proto.Runtime.TypeMeta;
import io.kubernetes.client.proto.Runtime.Unknown;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Resource;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class ProtobufDecoderTest {

  @Test
  void aFieldHasItsJsonNameWhereTheMessageSpellsItOtherwise() {
    V1Admissionregistration.ValidatingWebhookConfiguration configuration =
        V1Admissionregistration.ValidatingWebhookConfiguration.newBuilder()
            .addWebhooks(
                V1Admissionregistration.ValidatingWebhook.newBuilder().setName("a.example.com"))
            .build();
    assertThat(
            decode(
                    "admissionregistration.k8s.io/v1",
                    "ValidatingWebhookConfiguration",
                    configuration)
                .path("webhooks")
                .path(0)
                .path("name")
                .asString(""))
        .isEqualTo("a.example.com");
  }

  @Test
  void aRuleOfAPolicyIsOneObjectThoughItIsThreeMessages() {
    V1Admissionregistration.MutatingAdmissionPolicy policy =
        V1Admissionregistration.MutatingAdmissionPolicy.newBuilder()
            .setSpec(
                V1Admissionregistration.MutatingAdmissionPolicySpec.newBuilder()
                    .setMatchConstraints(
                        V1Admissionregistration.MatchResources.newBuilder()
                            .addResourceRules(
                                V1Admissionregistration.NamedRuleWithOperations.newBuilder()
                                    .setRuleWithOperations(
                                        V1Admissionregistration.RuleWithOperations.newBuilder()
                                            .addOperations("CREATE")
                                            .setRule(
                                                V1Admissionregistration.Rule.newBuilder()
                                                    .addApiGroups("apps")
                                                    .addApiVersions("v1")
                                                    .addResources("deployments")))))
                    .addMutations(
                        V1Admissionregistration.Mutation.newBuilder()
                            .setPatchType("JSONPatch")
                            .setJsonPatch(
                                V1Admissionregistration.JSONPatch.newBuilder().setExpression("[]")))
                    .setReinvocationPolicy("Never"))
            .build();
    assertThat(
            decode("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", policy)
                .path("spec"))
        .isEqualTo(
            json(
                """
                {'matchConstraints':{'resourceRules':[{'operations':['CREATE'],'apiGroups':['apps'],
                  'apiVersions':['v1'],'resources':['deployments']}]},
                 'mutations':[{'patchType':'JSONPatch','jsonPatch':{'expression':'[]'}}],
                 'reinvocationPolicy':'Never'}
                """));
  }

  @Test
  void aPodLooksAsItsClientWouldHaveWrittenItInJson() {
    V1.Pod pod =
        V1.Pod.newBuilder()
            .setMetadata(
                Meta.ObjectMeta.newBuilder()
                    .setName("p")
                    .setGenerateName("")
                    .setGeneration(0)
                    .setCreationTimestamp(Meta.Time.getDefaultInstance())
                    .putLabels("app", "")
                    .addOwnerReferences(
                        Meta.OwnerReference.newBuilder().setName("o").setController(false)))
            .setSpec(
                V1.PodSpec.newBuilder()
                    .setHostNetwork(false)
                    .setEnableServiceLinks(false)
                    .setTerminationGracePeriodSeconds(0)
                    .addVolumes(
                        V1.Volume.newBuilder()
                            .setName("v")
                            .setVolumeSource(
                                V1.VolumeSource.newBuilder()
                                    .setEmptyDir(V1.EmptyDirVolumeSource.getDefaultInstance())))
                    .addContainers(
                        V1.Container.newBuilder()
                            .setName("c")
                            .setLivenessProbe(
                                V1.Probe.newBuilder()
                                    .setPeriodSeconds(5)
                                    .setHandler(
                                        V1.ProbeHandler.newBuilder()
                                            .setHttpGet(
                                                V1.HTTPGetAction.newBuilder()
                                                    .setPath("/")
                                                    .setPort(
                                                        IntOrString.newBuilder()
                                                            .setType(1)
                                                            .setStrVal("http")))))
                            .setResources(
                                V1.ResourceRequirements.newBuilder()
                                    .putLimits(
                                        "cpu", Quantity.newBuilder().setString("100m").build()))))
            .build();
    assertThat(decode("v1", "Pod", pod))
        .isEqualTo(
            json(
                """
                {'apiVersion':'v1','kind':'Pod',
                 'metadata':{'name':'p','labels':{'app':''},'ownerReferences':[{'name':'o','controller':false}]},
                 'spec':{'volumes':[{'name':'v','emptyDir':{}}],
                   'containers':[{'name':'c','resources':{'limits':{'cpu':'100m'}},
                     'livenessProbe':{'httpGet':{'path':'/','port':'http'},'periodSeconds':5}}],
                   'terminationGracePeriodSeconds':0,'enableServiceLinks':false}}
                """));
  }

  @Test
  void bytesBecomeBase64AndMapsKeepEmptyValues() {
    V1.Secret secret =
        V1.Secret.newBuilder()
            .putData("k", ByteString.copyFromUtf8("ahoy"))
            .putStringData("empty", "")
            .setType("Opaque")
            .build();
    assertThat(decode("v1", "Secret", secret))
        .isEqualTo(
            json(
                "{'apiVersion':'v1','kind':'Secret','data':{'k':'YWhveQ=='},'stringData':{'empty':''},'type':'Opaque'}"));
  }

  @Test
  void timesAndZeroReplicasAreKept() {
    V1Apps.Deployment deployment =
        V1Apps.Deployment.newBuilder()
            .setMetadata(
                Meta.ObjectMeta.newBuilder()
                    .setCreationTimestamp(Meta.Time.newBuilder().setSeconds(86400)))
            .setSpec(
                V1Apps.DeploymentSpec.newBuilder()
                    .setReplicas(0)
                    .setPaused(false)
                    .setMinReadySeconds(0))
            .build();
    assertThat(decode("apps/v1", "Deployment", deployment))
        .isEqualTo(
            json(
                "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'creationTimestamp':'1970-01-02T00:00:00Z'},'spec':{'replicas':0}}"));
  }

  @Test
  void aBoundOfNoneIsABound() {
    V1Policy.PodDisruptionBudget budget =
        V1Policy.PodDisruptionBudget.newBuilder()
            .setSpec(
                V1Policy.PodDisruptionBudgetSpec.newBuilder()
                    .setMaxUnavailable(IntOrString.newBuilder().setType(0).setIntVal(0)))
            .build();
    assertThat(decode("policy/v1", "PodDisruptionBudget", budget).path("spec"))
        .isEqualTo(json("{'maxUnavailable':0}"));
  }

  @Test
  void anAttributeOfADeviceHasItsValueThoughThatIsZero() {
    V1Resource.ResourceSlice slice =
        V1Resource.ResourceSlice.newBuilder()
            .setSpec(
                V1Resource.ResourceSliceSpec.newBuilder()
                    .addDevices(
                        V1Resource.Device.newBuilder()
                            .setName("d")
                            .putAttributes(
                                "shared",
                                V1Resource.DeviceAttribute.newBuilder().setBool(false).build())
                            .putAttributes(
                                "index",
                                V1Resource.DeviceAttribute.newBuilder().setInt(0).build())))
            .build();
    assertThat(
            decode("resource.k8s.io/v1", "ResourceSlice", slice)
                .path("spec")
                .path("devices")
                .path(0)
                .path("attributes"))
        .isEqualTo(json("{'shared':{'bool':false},'index':{'int':0}}"));
  }

  @Test
  void deleteOptionsAreAKindOfEveryGroup() {
    Meta.DeleteOptions options =
        Meta.DeleteOptions.newBuilder()
            .setGracePeriodSeconds(0)
            .setPropagationPolicy("Orphan")
            .build();
    JsonNode decoded = decode("apps/v1", "DeleteOptions", options);
    assertThat(decoded.path("gracePeriodSeconds").asInt(-1)).isZero();
    assertThat(decoded.path("propagationPolicy").asString("")).isEqualTo("Orphan");
  }

  @Test
  void aKindWithoutABinaryFormIsNamed() {
    assertThatThrownBy(() -> decode("example.com/v1", "Boat", V1.Pod.getDefaultInstance()))
        .hasMessageContaining("Boat in example.com/v1 is not read in binary form");
  }

  @Test
  void garbageIsAnErrorAndNothingElse() {
    byte[] whole =
        body(
            "v1",
            "Pod",
            V1.Pod.newBuilder().setSpec(V1.PodSpec.newBuilder().setNodeName("n")).build());
    for (long seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      byte[] damaged = whole.clone();
      for (int i = 0; i < 3; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        ProtobufDecoder.decode(damaged);
      } catch (dev.coxswain.api.status.ApiException expected) {
        assertThat(expected.status().code()).as("seed " + seed).isIn(400, 415);
      }
    }
  }

  private static JsonNode decode(String apiVersion, String kind, Message message) {
    return ProtobufDecoder.decode(body(apiVersion, kind, message));
  }

  private static byte[] body(String apiVersion, String kind, Message message) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(new byte[] {'k', '8', 's', 0});
    body.writeBytes(
        Unknown.newBuilder()
            .setTypeMeta(TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
            .setRaw(message.toByteString())
            .build()
            .toByteArray());
    return body.toByteArray();
  }

  private static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }
}
