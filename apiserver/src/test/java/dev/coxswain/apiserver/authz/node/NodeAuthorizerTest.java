package dev.coxswain.apiserver.authz.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class NodeAuthorizerTest {
  private static final ObjectNode POD =
      Json.parseObject(
          """
          {'metadata':{'name':'p','namespace':'deck'},'spec':{'nodeName':'n1','serviceAccountName':'sailor','imagePullSecrets':[{'name':'pull'}],
           'containers':[{'env':[{'valueFrom':{'secretKeyRef':{'name':'env-key'}}}],'envFrom':[{'configMapRef':{'name':'env-all'}}]}],
           'volumes':[{'secret':{'secretName':'mounted'}},{'projected':{'sources':[{'configMap':{'name':'kube-root-ca.crt'}}]}},
            {'persistentVolumeClaim':{'claimName':'data'}},{'name':'scratch','ephemeral':{}}],
           'resourceClaims':[{'name':'a','resourceClaimName':'shared'},{'name':'b','resourceClaimTemplateName':'each'},
            {'name':'c','resourceClaimTemplateName':'later'}]},
           'status':{'resourceClaimStatuses':[{'name':'b','resourceClaimName':'p-b-x'},{'name':'c'},
            {'name':'a','resourceClaimName':'stale'}]}}
          """
              .replace('\'', '"'));

  private static final ObjectNode VOLUME =
      Json.parseObject(
          """
          {'metadata':{'name':'v'},'spec':{'claimRef':{'namespace':'deck','name':'data'},
           'csi':{'nodeStageSecretRef':{'namespace':'vault','name':'mount'},
                  'controllerExpandSecretRef':{'namespace':'vault','name':'grow'}}}}
          """
              .replace('\'', '"'));

  private static ObjectNode volume(String name, String claim) {
    return Json.parseObject(
        "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"claimRef\":%s}}".formatted(name, claim));
  }

  private static ObjectNode attachment(String name, String node) {
    return Json.parseObject(
        "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"nodeName\":\"%s\"}}".formatted(name, node));
  }

  /** What the view has, and what it would have if it were not behind. */
  private final Map<String, List<ObjectNode>> seen =
      new HashMap<>(
          Map.of(
              "pods",
              List.of(POD),
              "persistentvolumes",
              List.of(
                  VOLUME,
                  volume("free", "{}"),
                  volume("elsewhere", "{\"namespace\":\"hold\",\"name\":\"data\"}"),
                  volume("unused", "{\"namespace\":\"deck\",\"name\":\"unused\"}"),
                  volume("own", "{\"namespace\":\"deck\",\"name\":\"p-scratch\"}")),
              "volumeattachments",
              List.of(attachment("here", "n1"), attachment("there", "n2")),
              "resourceslices",
              List.of(attachment("mine", "n1"), attachment("others", "n2"))));

  private final Map<String, List<ObjectNode>> coming = new HashMap<>();

  private final NodeAuthorizer authorizer =
      new NodeAuthorizer(
          new ObjectView() {
            @Override
            public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
              return list(resource, key.namespace()).stream()
                  .filter(object -> Json.text(object, "metadata", "name").equals(key.name()))
                  .findFirst();
            }

            @Override
            public List<ObjectNode> list(GroupResource resource, String namespace) {
              return seen.getOrDefault(resource.resource(), List.of()).stream()
                  .filter(object ->
                      namespace.isEmpty()
                          || Json.text(object, "metadata", "namespace").equals(namespace))
                  .toList();
            }

            @Override
            public long revision(GroupResource resource) {
              return 1;
            }

            @Override
            public boolean catchUp(Collection<GroupResource> resources) {
              for (GroupResource resource : resources) {
                List<ObjectNode> now = coming.remove(resource.resource());
                if (now != null) {
                  seen.put(resource.resource(), now);
                }
              }
              return true;
            }
          });

  @ParameterizedTest
  @CsvSource({
    "secrets,pull",
    "secrets,env-key",
    "secrets,mounted",
    "configmaps,env-all",
    "configmaps,kube-root-ca.crt"
  })
  void aNodeGetsWhatItsOwnPodRefersTo(String resource, String name) {
    assertThat(decide("n1", "get", resource, "deck", name)).isInstanceOf(Decision.Allow.class);
  }

  @Test
  void anotherNodeAnotherNamespaceAndAnotherNameAreNotItsBusiness() {
    assertThat(decide("n2", "get", "secrets", "deck", "mounted"))
        .isEqualTo(
            new Decision.NoOpinion("no relationship found between node 'n2' and this object"));
    assertThat(decide("n1", "get", "secrets", "hold", "mounted"))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "get", "secrets", "deck", "other"))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "get", "configmaps", "deck", "mounted"))
        .as("a secret's name")
        .isInstanceOf(Decision.NoOpinion.class);
  }

  @Test
  void aNodeGetsWhatTheVolumesOfItsPodsNeedThere() {
    assertThat(decide("n1", "get", "secrets", "vault", "mount")).isInstanceOf(Decision.Allow.class);
    assertThat(decide("n2", "get", "secrets", "vault", "mount"))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "get", "secrets", "vault", "grow"))
        .as("what only a controller needs")
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "get", "secrets", "deck", "mount"))
        .as("the same name elsewhere")
        .isInstanceOf(Decision.NoOpinion.class);
  }

  @Test
  void aNodeWatchesOneByOneWhatItsPodsReferTo() {
    for (String verb : new String[] {"list", "watch"}) {
      assertThat(decide("n1", verb, "secrets", "deck", "mounted"))
          .isInstanceOf(Decision.Allow.class);
      assertThat(decide("n1", verb, "secrets", "deck", "other"))
          .isInstanceOf(Decision.NoOpinion.class);
    }
  }

  @Test
  void aNodeGetsTheServiceAccountsOfItsPods() {
    assertThat(decide("n1", "get", "serviceaccounts", "deck", "sailor"))
        .isInstanceOf(Decision.Allow.class);
    assertThat(decide("n2", "get", "serviceaccounts", "deck", "sailor"))
        .isEqualTo(
            new Decision.NoOpinion("no relationship found between node 'n2' and this object"));
    assertThat(decide("n1", "get", "serviceaccounts", "hold", "sailor"))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "get", "serviceaccounts", "deck", "captain"))
        .isInstanceOf(Decision.NoOpinion.class);
    for (String verb : new String[] {"list", "watch", "update", "impersonate"}) {
      assertThat(decide("n1", verb, "serviceaccounts", "deck", "sailor"))
          .isInstanceOf(Decision.NoOpinion.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"data,true", "p-scratch,true", "unused,false", "scratch,false", "p-,false"})
  void aNodeGetsTheClaimsOfItsPodsAndTellsHowTheyHaveGrown(String claim, boolean allowed) {
    String resource = "persistentvolumeclaims";
    assertThat(decide("n1", "get", resource, "deck", claim) instanceof Decision.Allow)
        .isEqualTo(allowed);
    for (String verb : new String[] {"update", "patch"}) {
      assertThat(below("n1", verb, resource, "status", claim) instanceof Decision.Allow)
          .isEqualTo(allowed);
      assertThat(decide("n1", verb, resource, "deck", claim))
          .isInstanceOf(Decision.NoOpinion.class);
    }
    assertThat(decide("n2", "get", resource, "deck", claim)).isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "get", resource, "hold", claim)).isInstanceOf(Decision.NoOpinion.class);
    assertThat(below("n2", "patch", resource, "status", claim))
        .isEqualTo(
            new Decision.NoOpinion("no relationship found between node 'n2' and this object"));
    for (String verb : new String[] {"list", "watch", "delete", "create"}) {
      assertThat(decide("n1", verb, resource, "deck", claim))
          .isInstanceOf(Decision.NoOpinion.class);
    }
    assertThat(below("n1", "get", resource, "status", claim))
        .isInstanceOf(Decision.NoOpinion.class);
  }

  @ParameterizedTest
  @CsvSource({"v,true", "own,true", "free,false", "elsewhere,false", "unused,false", "gone,false"})
  void aNodeGetsTheVolumesBehindTheClaimsOfItsPods(String volume, boolean allowed) {
    String resource = "persistentvolumes";
    assertThat(decide("n1", "get", resource, "", volume) instanceof Decision.Allow)
        .isEqualTo(allowed);
    assertThat(decide("n2", "get", resource, "", volume)).isInstanceOf(Decision.NoOpinion.class);
    for (String verb : new String[] {"list", "watch", "update", "patch", "delete"}) {
      assertThat(decide("n1", verb, resource, "", volume)).isInstanceOf(Decision.NoOpinion.class);
    }
    assertThat(below("n1", "patch", resource, "status", volume))
        .isInstanceOf(Decision.NoOpinion.class);
  }

  @Test
  void aNodeGetsWhatAttachesVolumesToIt() {
    assertThat(attachments("n1", "get", "here")).isInstanceOf(Decision.Allow.class);
    assertThat(attachments("n1", "get", "there")).isInstanceOf(Decision.NoOpinion.class);
    assertThat(attachments("n1", "get", "gone")).isInstanceOf(Decision.NoOpinion.class);
    assertThat(attachments("n2", "get", "there")).isInstanceOf(Decision.Allow.class);
    for (String verb : new String[] {"list", "watch", "patch", "delete"}) {
      assertThat(attachments("n1", verb, "here")).isInstanceOf(Decision.NoOpinion.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"shared,true", "p-b-x,true", "each,false", "later,false", "stale,false"})
  void aNodeGetsTheClaimsOfDevicesOfItsPods(String claim, boolean allowed) {
    assertThat(devices("n1", "get", claim) instanceof Decision.Allow).isEqualTo(allowed);
    assertThat(devices("n2", "get", claim)).isInstanceOf(Decision.NoOpinion.class);
    for (String verb : new String[] {"list", "watch", "update", "patch", "delete"}) {
      assertThat(devices("n1", verb, claim)).isInstanceOf(Decision.NoOpinion.class);
    }
  }

  private Decision devices(String node, String verb, String claim) {
    UserInfo user = UserInfo.of("system:node:" + node, List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(
            user, verb, true, "resource.k8s.io", "v1", "resourceclaims", "", "deck", claim, ""));
  }

  @Test
  void aNodeTellsOfItsOwnDevices() {
    String group = "resource.k8s.io";
    String resource = "resourceslices";
    assertThat(named("create", group, resource, "", "")).isInstanceOf(Decision.Allow.class);
    for (String verb : new String[] {"get", "update", "patch", "delete"}) {
      assertThat(named(verb, group, resource, "", "mine")).isInstanceOf(Decision.Allow.class);
      for (String not : new String[] {"others", "gone"}) {
        assertThat(named(verb, group, resource, "", not)).isInstanceOf(Decision.NoOpinion.class);
      }
    }
    for (String verb : new String[] {"list", "watch", "deletecollection"}) {
      assertThat(limited(verb, group, resource, "n1")).isInstanceOf(Decision.Allow.class);
      assertThat(limited(verb, group, resource, "n2")).isInstanceOf(Decision.NoOpinion.class);
      assertThat(named(verb, group, resource, "", "")).isInstanceOf(Decision.NoOpinion.class);
    }
  }

  @Test
  void whatAnotherServerHasStoredAMomentAgoIsSeenBeforeANodeIsRefused() {
    seen.put("pods", List.of());
    coming.put("pods", List.of(POD));
    assertThat(decide("n1", "get", "secrets", "deck", "mounted"))
        .isInstanceOf(Decision.Allow.class);
    seen.put("persistentvolumes", List.of());
    coming.put("persistentvolumes", List.of(VOLUME));
    assertThat(decide("n1", "get", "persistentvolumes", "", "v"))
        .isInstanceOf(Decision.Allow.class);
    seen.put("volumeattachments", List.of());
    coming.put("volumeattachments", List.of(attachment("here", "n1")));
    assertThat(attachments("n1", "get", "here")).isInstanceOf(Decision.Allow.class);
  }

  @Test
  void aPodThatIsNotThereYetIsNotTakenForOneThatIsGone() {
    seen.put("pods", List.of());
    coming.put("pods", List.of(POD));
    assertThat(decide("n2", "get", "pods", "deck", "p")).isInstanceOf(Decision.NoOpinion.class);
    seen.put("pods", List.of());
    coming.put("pods", List.of(POD));
    assertThat(decide("n1", "get", "pods", "deck", "p")).isInstanceOf(Decision.Allow.class);
  }

  private Decision attachments(String node, String verb, String name) {
    UserInfo user = UserInfo.of("system:node:" + node, List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(
            user, verb, true, "storage.k8s.io", "v1", "volumeattachments", "", "", name, ""));
  }

  private Decision below(
      String node, String verb, String resource, String subresource, String name) {
    UserInfo user = UserInfo.of("system:node:" + node, List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(user, verb, true, "", "v1", resource, subresource, "deck", name, ""));
  }

  @Test
  void listsAndWritesAreNotForNodes() {
    assertThat(decide("n1", "list", "secrets", "deck", "")).isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n1", "update", "secrets", "deck", "mounted"))
        .isInstanceOf(Decision.NoOpinion.class);
  }

  @Test
  void aNodeReadsItsOwnPodsAlone() {
    assertThat(decide("n1", "get", "pods", "deck", "p")).isInstanceOf(Decision.Allow.class);
    assertThat(decide("n2", "get", "pods", "deck", "p")).isInstanceOf(Decision.NoOpinion.class);
    assertThat(decide("n2", "get", "pods", "deck", "gone")).isInstanceOf(Decision.Allow.class);
    for (String verb : new String[] {"list", "watch"}) {
      assertThat(decide("n1", verb, "pods", "", "")).isInstanceOf(Decision.NoOpinion.class);
      assertThat(limited(verb, "", "pods", "n1")).isInstanceOf(Decision.Allow.class);
      assertThat(limited(verb, "", "pods", "n2")).isInstanceOf(Decision.NoOpinion.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"coordination.k8s.io,leases,kube-node-lease", "storage.k8s.io,csinodes,''"})
  void aNodeWritesWhatBearsItsName(String group, String resource, String namespace) {
    for (String verb : new String[] {"get", "update", "patch", "delete"}) {
      assertThat(named(verb, group, resource, namespace, "n1")).isInstanceOf(Decision.Allow.class);
      assertThat(named(verb, group, resource, namespace, "n2"))
          .isEqualTo(
              new Decision.NoOpinion(
                  "can only access " + resource + " with the same name as the requesting node"));
    }
    // Its name stands in the body.
    assertThat(named("create", group, resource, namespace, "")).isInstanceOf(Decision.Allow.class);
    for (String verb : new String[] {"list", "watch", "deletecollection"}) {
      assertThat(named(verb, group, resource, namespace, ""))
          .isInstanceOf(Decision.NoOpinion.class);
    }
  }

  @Test
  void theLeasesOfLeadersAreNoneOfANodesBusiness() {
    assertThat(named("get", "coordination.k8s.io", "leases", "kube-system", "n1"))
        .isEqualTo(
            new Decision.NoOpinion(
                "can only access leases in the \"kube-node-lease\" system namespace"));
  }

  private Decision named(
      String verb, String group, String resource, String namespace, String name) {
    UserInfo user = UserInfo.of("system:node:n1", List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(user, verb, true, group, "v1", resource, "", namespace, name, ""));
  }

  private Decision limited(String verb, String group, String resource, String node) {
    UserInfo user = UserInfo.of("system:node:n1", List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(user, verb, true, group, "v1", resource, "", "", "", "")
            .limitedTo(FieldSelector.parse("spec.nodeName=" + node).terms()));
  }

  @Test
  void theNameAloneMakesNoNode() {
    Attributes attributes =
        new Attributes(
            UserInfo.of("system:node:n1", List.of()),
            "get",
            true,
            "",
            "v1",
            "secrets",
            "",
            "deck",
            "mounted",
            "");
    assertThat(authorizer.authorize(attributes)).isInstanceOf(Decision.NoOpinion.class);
  }

  private Decision decide(
      String node, String verb, String resource, String namespace, String name) {
    UserInfo user = UserInfo.of("system:node:" + node, List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(user, verb, true, "", "v1", resource, "", namespace, name, ""));
  }
}
