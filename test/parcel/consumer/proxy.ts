import assert from 'node:assert/strict'
import { planRoute, type Route } from 'pullpass/proxy'

const proxy = { httpsProxy: 'http://proxy.example.com:3128', noProxy: '10.0.0.0/8', ca: [], rejectUnauthorized: true }
const route: Route = planRoute('https://registry.example.com/v2/', proxy)
assert.equal(route.kind === 'proxy' && route.port, 3128)
assert.equal(planRoute('https://10.1.2.3/v2/', proxy).kind, 'direct')
