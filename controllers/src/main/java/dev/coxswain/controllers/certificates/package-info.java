/** Certificate requests: approved for kubelets, signed for those who were approved, tidied up. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.certificates;
