/** The core kinds of Kubernetes, typed. Of cdk8s-plus only this file is read: its index loads every class, and none is used here. */
export * as k8s from 'cdk8s-plus-28/lib/imports/k8s';
