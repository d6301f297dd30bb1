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
import java.util.List;
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
            {'persistentVolumeClaim':{'claimName':'data'}}]}}
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

  private final NodeAuthorizer authorizer =
      new NodeAuthorizer(
          new ObjectView() {
            @Override
            public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
              return Optional.of(POD).filter(pod -> key.name().equals("p"));
            }

            @Override
            public List<ObjectNode> list(GroupResource resource, String namespace) {
              return resource.resource().equals("persistentvolumes")
                  ? List.of(VOLUME)
                  : namespace.equals("deck") ? List.of(POD) : List.of();
            }

            @Override
            public long revision(GroupResource resource) {
              return 1;
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
      assertThat(limited(verb, "n1")).isInstanceOf(Decision.Allow.class);
      assertThat(limited(verb, "n2")).isInstanceOf(Decision.NoOpinion.class);
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

  private Decision limited(String verb, String node) {
    UserInfo user = UserInfo.of("system:node:n1", List.of("system:nodes"));
    return authorizer.authorize(
        new Attributes(user, verb, true, "", "v1", "pods", "", "", "", "")
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
