package dev.coxswain.apiserver.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.storage.WriteOutcome;
import dev.coxswain.runtime.time.ManualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class QuotaAccountingTest {
  private static final ResourceType PODS = ResourceType.of("", "v1", "Pod").build();
  private static final ObjectKey POD = new ObjectKey("default", "web");
  private static final String QUOTA =
      StoreKeys.key(new GroupResource("", "resourcequotas"), new ObjectKey("default", "q"));

  private final MemoryStore store = new MemoryStore();
  private final List<ObjectNode> pods = new ArrayList<>();
  private final QuotaAccounting quotas =
      new QuotaAccounting(
          new NamespaceObjects() {
            @Override
            public List<StoredValue> quotas(String namespace) {
              return List.of(store.get(QUOTA).orElseThrow());
            }

            @Override
            public List<GroupResource> resources() {
              return List.of(PODS.resource());
            }

            @Override
            public List<ObjectNode> objects(
                GroupResource resource, String namespace, long revision) {
              return pods;
            }
          },
          store,
          new ManualTime());

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private void quota(String spec, String hard, String used) {
    ObjectNode quota =
        json(
            "{'apiVersion':'v1','kind':'ResourceQuota','metadata':{'name':'q'},'spec':"
                + spec
                + ",'status':{'hard':"
                + hard
                + ",'used':"
                + used
                + "}}");
    store.commit(List.of(new StoreWrite.Put(QUOTA, StoreWrite.ANY, Json.bytes(quota), 0)));
  }

  private static ObjectNode pod(String cpu) {
    return json(
        "{'spec':{'containers':[{'name':'main','resources':{'requests':{'cpu':'" + cpu + "'}}}]}}");
  }

  private ObjectNode stored() {
    return Json.parseObject(store.get(QUOTA).orElseThrow().bytes());
  }

  @Test
  void whatAnObjectUsesIsStoredWithIt() {
    quota("{}", "{'pods':'2','requests.cpu':'1'}", "{'pods':'1','requests.cpu':'250m'}");
    store.commit(quotas.create(PODS, POD, pod("500m"), 1).writes());
    assertThat(Json.at(stored(), "status", "used"))
        .isEqualTo(json("{'pods':'2','requests.cpu':'750m'}"));
  }

  @Test
  void refusalSaysWhatIsExceeded() {
    quota("{}", "{'pods':'1','requests.cpu':'1'}", "{'pods':'1','requests.cpu':'750m'}");
    assertThatThrownBy(() -> quotas.create(PODS, POD, pod("500m"), 1))
        .hasMessage(
            "pods \"web\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=500m,"
                + " used: pods=1,requests.cpu=750m, limited: pods=1,requests.cpu=1");
  }

  @Test
  void containersMustSayWhatTheyWantOfWhatIsLimited() {
    quota("{}", "{'limits.memory':'1','cpu':'1'}", "{'limits.memory':'0','cpu':'0'}");
    assertThatThrownBy(() ->
            quotas.create(
                PODS, POD, json("{'spec':{'containers':[{'name':'b'},{'name':'a'}]}}"), 1))
        .hasMessage(
            "pods \"web\" is forbidden: failed quota: q: must specify cpu for: a,b; limits.memory"
                + " for: a,b");
  }

  @Test
  void aPodMaySayWhatItWantsForAllOfItsContainers() {
    quota("{}", "{'requests.cpu':'1'}", "{'requests.cpu':'0'}");
    ObjectNode whole =
        json(
            "{'spec':{'containers':[{'name':'b'},{'name':'a'}],'resources':{'requests':{'cpu':'500m'}}}}");
    store.commit(quotas.create(PODS, POD, whole, 1).writes());
    assertThat(Json.text(stored(), "status", "used", "requests.cpu")).isEqualTo("500m");
  }

  @Test
  void whatARuntimeNeedsIsNoEffortOfThePod() {
    quota("{'scopes':['NotBestEffort']}", "{'pods':'0'}", "{'pods':'0'}");
    assertThat(
            quotas.create(PODS, POD, json("{'spec':{'overhead':{'memory':'64Mi'}}}"), 1).writes())
        .isEmpty();
  }

  @Test
  void scopesLeaveOthersAlone() {
    quota("{'scopes':['BestEffort']}", "{'pods':'0'}", "{'pods':'0'}");
    assertThat(quotas.create(PODS, POD, pod("1"), 1).writes()).isEmpty();
    assertThatThrownBy(() -> quotas.create(PODS, POD, json("{'spec':{}}"), 1))
        .hasMessageContaining("exceeded quota");
  }

  @Test
  void whatIsNotCountedYetIsNotGivenOut() {
    quota("{}", "{'pods':'5'}", "{}");
    assertThatThrownBy(() -> quotas.create(PODS, POD, pod("1"), 1))
        .hasMessage("pods \"web\" is forbidden: status unknown for quota: q, resources: pods");
  }

  @Test
  void anUpdatePaysForTheDifferenceAlone() {
    quota("{}", "{'requests.cpu':'1'}", "{'requests.cpu':'600m'}");
    store.commit(quotas.update(PODS, POD, pod("800m"), pod("500m"), 1).writes());
    assertThat(Json.text(stored(), "status", "used", "requests.cpu")).isEqualTo("900m");
    assertThat(quotas.update(PODS, POD, pod("100m"), pod("800m"), 1).writes()).isEmpty();
  }

  @Test
  void whoCountsTooFewIsCorrected() {
    ResourceType type = ResourceType.of("", "v1", "ResourceQuota").build();
    ObjectNode old = json("{'metadata':{'resourceVersion':'5'},'status':{'used':{'pods':'2'}}}");
    ObjectNode counted = json("{'status':{'used':{'pods':'1','requests.cpu':'3'}}}");
    pods.add(pod("1"));
    pods.add(pod("1"));
    quotas.update(type, new ObjectKey("default", "q"), counted, old, 1);
    assertThat(Json.at(counted, "status", "used"))
        .isEqualTo(json("{'pods':'2','requests.cpu':'3'}"));
  }

  @Test
  void ofTwoAtOnceOneComesBackToWhatIsLeft() {
    quota("{}", "{'pods':'1'}", "{'pods':'0'}");
    List<StoreWrite> one = quotas.create(PODS, POD, pod("1"), 1).writes();
    List<StoreWrite> other = quotas.create(PODS, POD, pod("1"), 1).writes();
    assertThat(store.commit(one)).isInstanceOf(WriteOutcome.Done.class);
    assertThat(store.commit(other)).isInstanceOf(WriteOutcome.Conflict.class);
    assertThatThrownBy(() -> quotas.create(PODS, POD, pod("1"), 2))
        .hasMessageContaining("exceeded quota");
  }
}
