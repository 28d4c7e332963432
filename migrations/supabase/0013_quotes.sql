-- Quotes beside the dollar are kept: only their value in USD is unknown.
comment on column public.liquidation_events.quote is 'Quote asset, such as USDT, USDC, USD or BTC.';
comment on column public.liquidation_events.usd_value is 'Value in USD: quantity × price, with USDT and USDC taken as 1 USD; for inverse contracts, contracts × contract value. Null where the contract size, the price or the worth of the quote in USD is unknown.';
