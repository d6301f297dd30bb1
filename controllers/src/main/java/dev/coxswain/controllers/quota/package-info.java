/** ResourceQuota: what a namespace uses of what it may. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.quota;
