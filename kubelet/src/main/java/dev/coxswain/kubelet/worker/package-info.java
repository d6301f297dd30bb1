/** The worker of each pod: observes, lets the machine decide, carries out, reports. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.worker;
