package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes. */
class PodVolumesTest {
  private static final PodStrategy STRATEGY =
      new PodStrategy(BuiltinSchemas.load().kind("", "v1", "Pod"));

  private static List<String> problems(String source) {
    ObjectNode pod =
        Json.parseObject(
            ("{'metadata':{'name':'p'},'spec':{'containers':[{'name':'a','image':'x'}],"
                    + "'volumes':[{'name':'v',"
                    + source
                    + "}]}}")
                .replace('\'', '"'));
    STRATEGY.prepareForCreate(pod);
    STRATEGY.fillDefaults(pod);
    return STRATEGY.validate(pod).stream()
        .map(FieldError::message)
        .map(message -> message.replaceFirst("^spec.volumes.0..", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'iscsi':{'targetPortal':'h:3260','iqn':'iqn.2015-02.example.com:storage.kube','lun':0}",
        "'iscsi':{'targetPortal':'h','iqn':'eui.0123456789ABCDEF','lun':255}",
        "'fc':{'targetWWNs':['a'],'lun':2}",
        "'fc':{'wwids':['a']}",
        "'quobyte':{'registry':'h:1,i:2','volume':'v'}",
        "'flocker':{'datasetUUID':'u'}",
        "'flexVolume':{'driver':'d','options':{'example.com/a':'b'}}",
        "'azureDisk':{'diskName':'d','diskURI':'/subscriptions/s','kind':'Managed'}",
        "'storageos':{'volumeName':'v'}",
        "'scaleIO':{'gateway':'g','system':'s','volumeName':'v','secretRef':{'name':'s'}}",
        "'gitRepo':{'repository':'r','directory':'a/b'}",
        "'nfs':{'server':'s','path':'/'}",
        "'csi':{'driver':'Example.com','nodePublishSecretRef':{'name':'s'}}",
        "'projected':{'sources':[{'clusterTrustBundle':{'name':'b','path':'ca.crt'}},"
            + "{'secret':{'name':'s','items':[{'key':'k','path':'k'}]}}]}",
      })
  void letsSourcesBe(String source) {
    assertThat(problems(source)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'awsElasticBlockStore':{'volumeID':'v','partition':256} |"
            + " awsElasticBlockStore.partition: Invalid value: 256: must be between 1 and 255,"
            + " inclusive",
        "'iscsi':{'targetPortal':'h','iqn':'x','lun':0} | iscsi.iqn: Invalid value: \"x\": must be"
            + " valid format starting with iqn, eui, or naa",
        "'iscsi':{'targetPortal':'h','iqn':'iqn.2015-02.example.com','lun':0} | iscsi.iqn: Invalid"
            + " value: \"iqn.2015-02.example.com\": must be valid format",
        "'iscsi':{'targetPortal':'h','iqn':'naa.0123456789ABCDEF0123456789ABCDEF','lun':0,"
            + "'chapAuthSession':true} | iscsi.secretRef: Required value",
        "'fc':{} | fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not"
            + " both",
        "'fc':{'targetWWNs':['a']} | fc.lun: Required value: lun is required if targetWWNs is"
            + " specified",
        "'quobyte':{'registry':'h','volume':'v'} | quobyte.registry: Invalid value: \"h\": must be"
            + " a host:port pair or multiple pairs separated by commas",
        "'flocker':{} | flocker: Required value: one of datasetName and datasetUUID is required",
        "'flocker':{'datasetName':'a/b'} | flocker.datasetName: Invalid value: \"a/b\": must not"
            + " contain '/'",
        "'flexVolume':{'driver':'d','options':{'kubernetes.io/a':'b'}} |"
            + " flexVolume.options[kubernetes.io/a]: Invalid value: \"kubernetes.io/a\":"
            + " kubernetes.io and k8s.io namespaces are reserved",
        "'azureDisk':{'diskName':'d','diskURI':'x','kind':'Managed'} | azureDisk.diskURI:"
            + " Unsupported value: \"x\": supported values:"
            + " \"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}\"",
        "'storageos':{'volumeName':'A'} | storageos.volumeName: Invalid value: \"A\": a lowercase",
        "'scaleIO':{'gateway':'g','system':'s','secretRef':{'name':'s'}} | scaleIO.volumeName:"
            + " Required value",
        "'gitRepo':{'repository':'r','directory':'../b'} | gitRepo.directory: Invalid value:"
            + " \"../b\": must not contain '..'",
        "'nfs':{'server':'s','path':'a'} | nfs.path: Invalid value: \"a\": must be an absolute"
            + " path",
        "'csi':{'driver':'a_b'} | csi.driver: Invalid value: \"a_b\": a lowercase RFC 1123",
        "'ephemeral':{} | ephemeral.volumeClaimTemplate: Required value",
        "'projected':{'sources':[{'configMap':{'name':'c','items':[{'key':'k','path':'k'}]}},"
            + "{'secret':{'name':'s','items':[{'key':'k','path':'k'}]}}]} | projected: Invalid"
            + " value: \"s\": conflicting duplicate paths",
        "'projected':{'sources':[{'clusterTrustBundle':{'path':'p'}}]} |"
            + " projected.sources[0].clusterTrustBundle: Required value: either name or signerName"
            + " must be specified",
        "'projected':{'sources':[{'clusterTrustBundle':{'name':'a','signerName':'b','path':'p'}}]}"
            + " | projected.sources[0].clusterTrustBundle: Invalid value:",
      })
  void saysWhatIsWrongWithSources(String source, String problem) {
    assertThat(problems(source))
        .singleElement()
        .satisfies(message -> assertThat(message).startsWith(problem));
  }
}
