// One login and one query by Microsoft's client; prints the first cell. Settings: JSON in $TEDIOUS.
const fs = require('fs');

const settings = JSON.parse(process.env.TEDIOUS);
const { Connection, Request } = require(`${settings.module}/node_modules/tedious`);

const credentials = { ca: fs.readFileSync(settings.ca) };
if (settings.certificate) {
  credentials.cert = fs.readFileSync(settings.certificate);
  credentials.key = fs.readFileSync(settings.key);
}
if (!settings.verifyName) credentials.checkServerIdentity = () => undefined;

const connection = new Connection({
  server: settings.host,
  authentication: { type: 'default', options: { userName: settings.user, password: settings.password } },
  options: {
    port: settings.port,
    database: settings.database,
    encrypt: settings.encrypt,
    trustServerCertificate: !settings.verifyChain,
    cryptoCredentialsDetails: credentials,
    connectTimeout: 8000,
  },
});

function fail(error) {
  console.error(`${error.code} ${error.message}`);
  process.exit(1);
}

connection.on('error', fail);
connection.connect((error) => {
  if (error) fail(error);
  const request = new Request(settings.query, (problem) => {
    if (problem) fail(problem);
    connection.close();
  });
  request.on('row', (columns) => console.log(columns[0].value));
  connection.execSqlBatch(request);
});
