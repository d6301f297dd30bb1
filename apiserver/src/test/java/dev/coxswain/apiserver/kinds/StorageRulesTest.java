package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of objects of storage that are wrong, or changed where they may not be. */
final class StorageRulesTest {
  private static final String STORAGE = ".storage.k8s.io";

  private static String created(String kind, String fields) {
    return Rules.create(kind, "{`metadata`:{`name`:`n`}," + fields + "}");
  }

  private static String changed(String kind, String before, String after) {
    String named = "{`metadata`:{`name`:`n`},%s}";
    return Rules.update(kind, named.formatted(before), named.formatted(after));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "StorageClass | `provisioner`:`a.io/b` | -",
        "StorageClass | `provisioner`:`` | provisioner: Required value",
        "StorageClass | `provisioner`:`a.io/b`,`reclaimPolicy`:`Recycle` | reclaimPolicy:"
            + " Unsupported value: `Recycle`: supported values: `Delete`, `Retain`",
        "StorageClass | `provisioner`:`a.io/b`,`volumeBindingMode`:`Later` | volumeBindingMode:"
            + " Unsupported value: `Later`: supported values: `Immediate`, `WaitForFirstConsumer`",
        "StorageClass |"
            + " `provisioner`:`a.io/b`,`allowedTopologies`:[{`matchLabelExpressions`:[{`key`:`zone`,`values`:[`a`,`a`]}]}]"
            + " | allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: `a`",
        "VolumeAttributesClass | `driverName`:`a.io`,`parameters`:{`iops`:`1`} | -",
        "VolumeAttributesClass | `driverName`:`a.io` | parameters: Required value: must contain at"
            + " least one key/value pair",
        "CSIDriver | `spec`:{} | -",
        "CSIDriver | `spec`:{`fsGroupPolicy`:`Some`} | spec.fsGroupPolicy: Unsupported value:"
            + " `Some`: supported values: `File`, `None`, `ReadWriteOnceWithFSType`",
        "CSIDriver | `spec`:{`tokenRequests`:[{`expirationSeconds`:600}]} | -",
        "CSIDriver | `spec`:{`tokenRequests`:[{`audience`:`a`},{`audience`:`a`}]} |"
            + " spec.tokenRequests[1].audience: Duplicate value: `a`",
        "CSIDriver | `spec`:{`tokenRequests`:[{`audience`:`a`,`expirationSeconds`:599}]} |"
            + " spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a"
            + " duration less than 10 minutes",
        "CSIDriver | `spec`:{`nodeAllocatableUpdatePeriodSeconds`:9} |"
            + " spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or"
            + " equal to 10 seconds",
        "CSINode | `spec`:{`drivers`:[]} | -",
        "CSINode | `spec`:{`drivers`:[{`name`:`a.io`,`nodeID`:`x`},{`name`:`a.io`,`nodeID`:`x`}]} |"
            + " spec.drivers[1].name: Duplicate value: `a.io`",
        "CSINode | `spec`:{`drivers`:[{`name`:`a.io`,`nodeID`:``}]} | spec.drivers[0].nodeID:"
            + " Required value",
        "VolumeAttachment |"
            + " `spec`:{`attacher`:`a.io`,`nodeName`:`n1`,`source`:{`persistentVolumeName`:`v`}} |"
            + " -",
        "VolumeAttachment | `spec`:{`attacher`:`a.io`,`nodeName`:`n1`,`source`:{}} | spec.source:"
            + " Required value: must specify exactly one of inlineVolumeSpec and"
            + " persistentVolumeName",
        "CSIStorageCapacity | `storageClassName`:`c`,`capacity`:`1Gi` | -",
        "CSIStorageCapacity | `storageClassName`:`c`,`capacity`:`-1` | capacity: Invalid value:"
            + " `-1`: must be greater than or equal to 0",
      })
  void kindsOfTheStorageGroup(String kind, String fields, String said) {
    assertThat(created(kind + STORAGE, fields)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "StorageClass | `provisioner`:`a.io/b` | `provisioner`:`a.io/c` | provisioner: Forbidden:"
            + " updates to provisioner are forbidden.",
        "StorageClass | `provisioner`:`a.io/b` | `provisioner`:`a.io/b`,`parameters`:{`a`:`b`} |"
            + " parameters: Forbidden: updates to parameters are forbidden.",
        "StorageClass | `provisioner`:`a.io/b` | `provisioner`:`a.io/b`,`reclaimPolicy`:`Retain` |"
            + " reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
        "StorageClass | `provisioner`:`a.io/b` | `provisioner`:`a.io/b`,`allowVolumeExpansion`:true"
            + " | -",
        "VolumeAttributesClass | `driverName`:`a.io`,`parameters`:{`a`:`1`} |"
            + " `driverName`:`a.io`,`parameters`:{`a`:`2`} | parameters: Forbidden: updates to"
            + " parameters are forbidden.",
        "CSIDriver | `spec`:{} | `spec`:{`attachRequired`:false} | spec.attachedRequired: Invalid"
            + " value: false: field is immutable",
        "CSIDriver | `spec`:{} | `spec`:{`podInfoOnMount`:true} | -",
        "CSINode | `spec`:{`drivers`:[{`name`:`a.io`,`nodeID`:`x`}]} |"
            + " `spec`:{`drivers`:[{`name`:`a.io`,`nodeID`:`x`,`allocatable`:{`count`:3}}]} | -",
        "CSIStorageCapacity | `storageClassName`:`c` | `storageClassName`:`d` | storageClassName:"
            + " Invalid value: `d`: field is immutable",
      })
  void changesInTheStorageGroup(String kind, String before, String after, String said) {
    assertThat(changed(kind + STORAGE, before, after)).isEqualTo(said);
  }

  @Test
  void aNodesDriverIsItselfAsLongAsItIsThere() {
    assertThat(
            changed(
                "CSINode.storage.k8s.io",
                "`spec`:{`drivers`:[{`name`:`a.io`,`nodeID`:`x`}]}",
                "`spec`:{`drivers`:[{`name`:`a.io`,`nodeID`:`y`}]}"))
        .startsWith("spec.drivers: Invalid value: ")
        .endsWith(": field is immutable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`nfs`:{`server`:`s`,`path`:`/`}"
            + " | -",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`} | spec: Required value: must"
            + " specify a volume type",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`hostPath`:{`path`:`/a`},`nfs`:{`server`:`s`,`path`:`/`}"
            + " | spec.nfs: Forbidden: may not specify more than 1 volume type",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`hostPath`:{`path`:`/a/../b`}"
            + " | spec.hostPath.path: Invalid value: `/a/../b`: must not contain '..'",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`local`:{`path`:`/a`} |"
            + " spec.nodeAffinity: Required value: Local volume requires node affinity",
        "`accessModes`:[`Often`],`capacity`:{`storage`:`0`},`hostPath`:{`path`:`/a`} |"
            + " spec.accessModes[0]: Unsupported value: `Often`: supported values: `ReadOnlyMany`,"
            + " `ReadWriteMany`, `ReadWriteOnce`, `ReadWriteOncePod`; spec.capacity[storage]:"
            + " Invalid value: `0`: must be greater than zero",
        "`accessModes`:[`ReadWriteOncePod`,`ReadOnlyMany`],`capacity`:{`storage`:`1`},`hostPath`:{`path`:`/a`}"
            + " | spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access"
            + " modes",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`hostPath`:{`path`:`/a`},`volumeMode`:`Some`,`persistentVolumeReclaimPolicy`:`Other`"
            + " | spec.volumeMode: Unsupported value: `Some`: supported values: `Block`,"
            + " `Filesystem`; spec.persistentVolumeReclaimPolicy: Unsupported value: `Other`:"
            + " supported values: `Delete`, `Recycle`, `Retain`",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`nfs`:{`server`:`s`,`path`:`a`}"
            + " | spec.nfs.path: Invalid value: `a`: must be an absolute path",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`iscsi`:{`targetPortal`:`p`,`iqn`:`x`,`lun`:1}"
            + " | spec.iscsi.iqn: Invalid value: `x`: must be valid format starting with iqn, eui,"
            + " or naa",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`hostPath`:{`path`:`/a`},`nodeAffinity`:{`required`:{`nodeSelectorTerms`:[]}}"
            + " | spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least"
            + " one node selector term",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`hostPath`:{`path`:`/a`},`volumeAttributesClassName`:`fast`"
            + " | spec.csi: Required value: has to be specified when using"
            + " volumeAttributesClassName",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`csi`:{`driver`:`a.io`,`volumeHandle`:`h`,`nodePublishSecretRef`:{`name`:`s`}}"
            + " | spec.csi.nodePublishSecretRef.namespace: Required value",
        "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},`csi`:{`driver`:`a.io`} |"
            + " spec.csi.volumeHandle: Required value",
      })
  void volumes(String spec, String said) {
    assertThat(created("PersistentVolume.", "`spec`:{" + spec + "}")).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "PersistentVolume. |"
            + " `metadata`:{`annotations`:{`volume.beta.kubernetes.io/storage-class`:`c`}} |"
            + " metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since"
            + " v1.8; use `storageClassName` attribute instead",
        "PersistentVolume. |"
            + " `metadata`:{`annotations`:{`volume.beta.kubernetes.io/mount-options`:`ro`}} |"
            + " metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since"
            + " v1.31; use `mountOptions` attribute instead",
        "PersistentVolume. | `spec`:{`persistentVolumeReclaimPolicy`:`Recycle`} |"
            + " spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated."
            + " Instead, the recommended approach is to use dynamic provisioning.",
        "PersistentVolume. | `spec`:{`glusterfs`:{}} | spec.glusterfs: deprecated in v1.25,"
            + " non-functional in v1.26+",
        "PersistentVolume. |"
            + " `spec`:{`nodeAffinity`:{`required`:{`nodeSelectorTerms`:[{`matchExpressions`:[{`key`:`beta.kubernetes.io/os`}]}]}}}"
            + " | spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key:"
            + " beta.kubernetes.io/os is deprecated since v1.14; use `kubernetes.io/os` instead",
        "PersistentVolumeClaim. | `spec`:{`resources`:{`requests`:{`storage`:`500m`}}} |"
            + " spec.resources.requests[storage]: fractional byte value `500m` is invalid, must be"
            + " an integer",
        "PersistentVolumeClaim. |"
            + " `metadata`:{`annotations`:{`volume.beta.kubernetes.io/storage-class`:`c`}} |"
            + " metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since"
            + " v1.8; use `storageClassName` attribute instead",
      })
  void whatHasGoneOutOfUseIsWarnedOf(String kind, String fields, String warning) {
    assertThat(Rules.warned(kind, "{" + fields + "}")).containsExactly(warning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "`claimRef`:{`name`:`c`,`namespace`:`d`},`hostPath`:{`path`:`/a`} | -",
        "`hostPath`:{`path`:`/b`} | spec.persistentvolumesource: Forbidden:"
            + " spec.persistentvolumesource is immutable after creation",
        "`volumeMode`:`Block`,`hostPath`:{`path`:`/a`} | volumeMode: Invalid value: `Block`: field"
            + " is immutable",
      })
  void aVolumeStaysWhatItIs(String after, String said) {
    String common = "`accessModes`:[`ReadWriteOnce`],`capacity`:{`storage`:`1Gi`},";
    assertThat(
            changed(
                "PersistentVolume.",
                "`spec`:{" + common + "`hostPath`:{`path`:`/a`}}",
                "`spec`:{" + common + after + "}"))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "Pending | `resources`:{`requests`:{`storage`:`2Gi`}},`volumeName`:`v` | -",
        "Pending | `resources`:{`requests`:{`storage`:`3Gi`}} | spec: Forbidden: spec is immutable"
            + " after creation except resources.requests and volumeAttributesClassName for bound"
            + " claims",
        "Pending | `resources`:{`requests`:{`storage`:`2Gi`}},`storageClassName`:`late` | -",
        "Bound | `resources`:{`requests`:{`storage`:`3Gi`}},`volumeAttributesClassName`:`fast` | -",
        "Bound | `resources`:{`requests`:{`storage`:`1Gi`}} | spec.resources.requests.storage:"
            + " Forbidden: field can not be less than status.capacity",
        "Growing | `resources`:{`requests`:{`storage`:`1536Mi`}} | -",
        "Bound | `resources`:{`requests`:{`storage`:`2048Mi`}},`selector`:{} | spec: Forbidden:"
            + " spec is immutable after creation except resources.requests and"
            + " volumeAttributesClassName for bound claims",
      })
  void aClaimIsBoundAndGrows(String state, String after, String said) {
    String phase = state.equals("Pending") ? "Pending" : "Bound";
    String capacity = state.equals("Growing") ? "1Gi" : "2Gi";
    String status = ",`status`:{`phase`:`" + phase + "`,`capacity`:{`storage`:`" + capacity + "`}}";
    String modes = "`spec`:{`accessModes`:[`ReadWriteOnce`],";
    assertThat(
            changed(
                "PersistentVolumeClaim.",
                modes + "`resources`:{`requests`:{`storage`:`2Gi`}}}" + status,
                modes + after + "}" + status))
        .isEqualTo(said);
  }
}
