/** What an operator may want to change, each fact once. */
export interface Settings {
  /** Namespace of everything of ours. */
  readonly namespace: string;
  /** The repository that Argo CD follows. */
  readonly repositoryUrl: string;
  /** Its branch that is the cluster's desired state. */
  readonly branch: string;
  /** Public names. */
  readonly hosts: {
    /** Where the pages are. */
    readonly frontEnd: string;
    /** Where the pages' requests go. */
    readonly api: string;
    /** Where people sign in. */
    readonly auth: string;
  };
  /** Domain of the session cookie: the parent of all hosts. */
  readonly cookieDomain: string;
  /**
   * The session: how long a cookie is good for, hours, and after how many minutes of use OAuth2 Proxy asks the provider
   * again and hands out a new one. A signed-out or stolen cookie is good until its hours are over: there is no list of them.
   */
  readonly session: {
    /** How long a cookie is good for. */
    readonly hours: number;
    /** Age at which a cookie that is used is renewed. */
    readonly refreshMinutes: number;
  };
  /** The node with a way to the internet: what calls outside runs here. */
  readonly internetNode: string;
  /** Public name servers, asked from that node when the cluster's own cannot answer. */
  readonly outsideNameServers: readonly string[];
  /** Addresses of pods, CIDR (K3s' default). */
  readonly podNetwork: string;
  /** The database: its node, its data and its limits. */
  readonly postgres: {
    /** The node that holds the data. */
    readonly node: string;
    /** Folder on that node. */
    readonly hostPath: string;
    /** Size of its volume, such as `5Gi`. */
    readonly size: string;
    /** Name of the database. */
    readonly database: string;
    /** Postgres' own default is 100. */
    readonly maxConnections: number;
  };
  /** The pooler before it. */
  readonly pgbouncer: {
    /** Pods of it. */
    readonly replicas: number;
    /** Server connections of one PgBouncer per database and role. */
    readonly poolSize: number;
    /** More of them when clients have waited 3 s. */
    readonly reservePoolSize: number;
    /** Clients of one PgBouncer; those beyond the pool wait in a queue. */
    readonly maxClientConnections: number;
  };
  /** Dumps of the database. */
  readonly backup: {
    /** The node that holds the dumps: not the one that holds the data. */
    readonly node: string;
    /** Folder on that node. */
    readonly hostPath: string;
    /** Size of their volume, such as `5Gi`. */
    readonly size: string;
    /** Cron expression. */
    readonly schedule: string;
    /** Time zone of that expression, such as `Pacific/Auckland`. */
    readonly timeZone: string;
    /** Dumps older than this are deleted, days. */
    readonly retentionDays: number;
    /** Never fewer than this many dumps, however old. */
    readonly keepAtLeast: number;
    /**
     * File of a certificate (PEM) in this repository, such as `facts/dump-recipient.pem`: dumps are encrypted for its key, which stays
     * with a person (docs/how-to/encrypt-the-dumps.md). @default dumps lie in the clear
     */
    readonly encryptFor?: string;
  };
  /**
   * Signals beyond CPU that autoscalers may look at: Prometheus scrapes the gateway, and its adapter answers the autoscalers
   * (docs/how-to/scale-on-another-signal.md).
   */
  readonly signals: {
    /** Installs both; off leaves nothing of them. */
    readonly enabled: boolean;
    /** How often the gateway is scraped, seconds. */
    readonly scrapeSeconds: number;
    /** Window that rates are taken over, seconds: some scrapes long, since one of them may fail. */
    readonly windowSeconds: number;
    /** How often the adapter lists the series that there are, seconds. */
    readonly relistSeconds: number;
    /** Times of day (UTC, such as `08:30`) at which the load is known to peak: scheduled floors begin ahead of them. */
    readonly peaks: readonly string[];
  };
  /** What is collected and where it is sent. */
  readonly monitoring: {
    /** Name of the cluster in Grafana Cloud. */
    readonly clusterName: string;
    /** Address that Grafana Cloud's stack takes metrics at (Prometheus remote write). */
    readonly remoteWriteUrl: string;
    /** Address that it takes logs at (Loki push). */
    readonly logsUrl: string;
  };
}
