/** CronJob: a Job at each of a schedule's times. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.cronjob;
