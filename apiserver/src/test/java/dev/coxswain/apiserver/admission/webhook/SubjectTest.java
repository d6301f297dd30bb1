package dev.coxswain.apiserver.admission.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Which objects are meant. Apostrophes stand for quotes. */
class SubjectTest {
  private final ResourceRegistry registry =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));
  private final WatchCache cache =
      new WatchCache(new MemoryStore(), new ManualTime(), Runnable::run);
  private final ClusterObjects objects =
      new ClusterObjects(cache, (resource, key) -> Optional.empty());

  @ParameterizedTest
  @CsvSource({
    "'', In, true",
    "'', NotIn, false",
    "status, In, true",
    "scale, In, false",
    "scale, NotIn, true",
  })
  void aScaleDoesNotBearTheLabelsOfItsObject(
      String subresource, String operator, boolean selected) {
    ObjectNode deployment =
        json("{'metadata':{'name':'d','labels':{'app':'web'}},'spec':{'replicas':1}}");
    AdmissionRequest request =
        new AdmissionRequest(
            AdmissionRequest.Operation.UPDATE,
            new GroupVersionKind("apps", "v1", "Deployment"),
            new GroupResource("apps", "deployments"),
            subresource,
            "shop",
            "d",
            deployment,
            deployment,
            null,
            false,
            UserInfo.of("ada", List.of()),
            new ArrayList<>(),
            Annotations.NONE);
    Criteria criteria =
        Criteria.of(
            json(
                "{'objectSelector':{'matchExpressions':[{'key':'app','operator':'"
                    + operator
                    + "','values':['web']}]}}"));
    assertThat(
            Subject.of(request, registry)
                .orElseThrow()
                .matched(criteria, registry, objects)
                .isPresent())
        .isEqualTo(selected);
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }
}
